"""Puts versions into service and takes them out; says before what that costs, and shows how far it is."""

from collections.abc import Iterable

import streamlit as st

from lib.domain.audit import Action
from lib.domain.people import Role
from lib.domain.predictions import ModelVersion
from lib.providers.automl_servers import BUILT_IN
from lib.ui import providers
from lib.ui.text import escape_markdown
from lib.ui.visitor import find_actor, live, may, needs
from lib.web import resources
from lib.workflows.deployments import Deployment, DeploymentTarget, deploy_model, undeploy_model

PRICE_KEY = "node-hour-price"
NODES_KEY = "deploy-nodes"
CONFIRM_KEY = "confirm-deployment"
_PRICE_KEPT = "kept-price"
_EVERY_S = 1.0
_HOURS_A_DAY, _DAYS_A_MONTH = 24, 30


def offer_deployment(version: ModelVersion) -> None:
    """*Deploy* or *Remove*, whichever the version is not; for those who may do it."""
    if not may(Role.ADMIN):
        return
    if version.deployed:
        if st.button("Remove", key=f"remove-{version.model_name}"):
            _ask_to_remove(version)
    elif st.button("Deploy", key=f"deploy-{version.model_name}", type="primary"):
        _ask_to_deploy(version)


def offer_missing_deployments(versions: Iterable[ModelVersion]) -> None:
    """*Deploy* for each of the versions that cannot answer as it is, and what is on its way."""
    show_deployments()
    for version in versions:
        if not version.deployed:
            with st.container(horizontal=True, vertical_alignment="center"):
                offer_deployment(version)
                st.markdown(escape_markdown(f"{version.version} is not deployed: it cannot be asked until it is."))


def show_deployments() -> None:
    """What is on its way; draws the whole page again when something is done."""
    if resources.deployments().has_any():
        _follow()


@live(_EVERY_S)
def _follow() -> None:
    found = resources.deployments().find()
    for each in found:
        _show(each)
    if not found or any(each.finished and not each.error for each in found):
        providers.served_versions.clear()
        st.rerun()


def _show(each: Deployment) -> None:
    name = f"{each.version.family} {each.version.version}"
    if not each.error:
        st.progress(each.share, text=escape_markdown(f"{each.words} {name} … this goes on when you leave the page"))
        return
    st.error(escape_markdown(f"{each.words} {name} failed. {each.error}"), icon=":material/error:")
    st.button(
        "Dismiss",
        key=f"dismiss-{each.version.model_name}",
        on_click=resources.deployments().dismiss,
        args=(each.version,),
    )


@st.dialog("Deploy")
def _ask_to_deploy(version: ModelVersion) -> None:
    st.markdown(escape_markdown(f"{version.family} {version.version} will answer when it is deployed."))
    if version.provider == BUILT_IN:
        st.markdown("The built-in service is on this machine: that costs nothing.")
    else:
        nodes = st.number_input("Nodes", min_value=1, max_value=100, value=1, key=NODES_KEY)
        st.markdown(escape_markdown(describe_cost(nodes, _ask_price())))
    if st.button("Deploy", key=CONFIRM_KEY, type="primary", on_click=_deploy, args=(version,)):
        st.rerun()  # or else the dialog stays open


@st.dialog("Remove")
def _ask_to_remove(version: ModelVersion) -> None:
    st.markdown(
        escape_markdown(
            f"{version.family} {version.version} will not answer until it is deployed again. Its answers so far stay."
        )
    )
    if st.button("Remove", key=CONFIRM_KEY, type="primary", on_click=_remove, args=(version,)):
        st.rerun()


def _ask_price() -> float:
    price: float = st.number_input(
        "What you pay for a node-hour",
        min_value=0.0,
        value=st.session_state.get(_PRICE_KEPT, 0.0),
        step=0.1,
        key=PRICE_KEY,
        help="In your currency, from your own contract: no price is built in here. 0: not known.",
    )
    # Streamlit forgets what a closed dialog was told.
    st.session_state[_PRICE_KEPT] = price
    return price


def describe_cost(nodes: int, price: float) -> str:
    """What it costs to leave a version deployed: node-hours, and money where the price is known."""
    day = nodes * _HOURS_A_DAY
    month = day * _DAYS_A_MONTH
    said = f"Left deployed it costs {day:,} node-hours a day, {month:,} a month, even when nobody asks."
    return f"{said} At your price: {day * price:,.2f} a day, {month * price:,.2f} a month." if price else said


@needs(Action.DEPLOY)
def _deploy(version: ModelVersion) -> None:
    nodes = int(st.session_state.get(NODES_KEY, 1))
    deploy_model(resources.store(), find_actor(), resources.deployments(), _find_target(version), nodes=nodes)


@needs(Action.UNDEPLOY)
def _remove(version: ModelVersion) -> None:
    undeploy_model(resources.store(), find_actor(), resources.deployments(), _find_target(version))


def _find_target(version: ModelVersion) -> DeploymentTarget:
    return DeploymentTarget(providers.clients()[version.provider], version)
