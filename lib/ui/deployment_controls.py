"""Deploy and undeploy models: confirm with the cost, follow progress, and show errors."""

from collections.abc import Iterable

import streamlit as st

from lib.domain.jobs import JobKind, JobState
from lib.domain.people import Role
from lib.domain.predictions import ModelVersion
from lib.providers.automl_servers import BUILT_IN
from lib.ui.text import escape_markdown
from lib.ui.visitor import find_actor, live, makes_change, may
from lib.web import providers, resources
from lib.workflows.deployments import DeploymentTarget, deploy_model, undeploy_model
from lib.workflows.job_registry import AnyJob

PRICE_KEY = "node-hour-price"
NODES_KEY = "deploy-nodes"
CONFIRM_KEY = "confirm-deployment"
_PRICE_KEPT = "kept-price"
_EVERY_S = 1.0
_HOURS_PER_DAY, _DAYS_PER_MONTH = 24, 30
_DEPLOY, _UNDEPLOY = "Deploy model", "Undeploy model"


def offer_deployment(version: ModelVersion) -> None:
    """Draw the button that deploys or undeploys the version, for administrators."""
    if not may(Role.ADMIN):
        return
    if version.deployed:
        if st.button(escape_markdown(_UNDEPLOY), key=f"undeploy-{version.model_name}"):
            _confirm_undeployment(version)
    elif st.button(escape_markdown(_DEPLOY), key=f"deploy-{version.model_name}", type="primary"):
        _confirm_deployment(version)


def offer_missing_deployments(versions: Iterable[ModelVersion]) -> None:
    """Show active deployments, and a button for each of the versions that is not deployed."""
    show_deployments()
    for version in versions:
        if not version.deployed:
            with st.container(horizontal=True, vertical_alignment="center"):
                offer_deployment(version)
                st.markdown(escape_markdown(f"{version.version} is not deployed. Deploy it to predict."))


def show_deployments() -> None:
    """Follow active deployments; redraws the page when one is done."""
    if resources.jobs().find(JobKind.DEPLOYMENT):
        _follow()


@live(_EVERY_S)
def _follow() -> None:
    jobs = resources.jobs().find(JobKind.DEPLOYMENT)
    finished = [job for job in jobs if job.progress().state is JobState.FINISHED]
    for job in jobs:
        _show(job)
    if finished or not jobs:
        for job in finished:
            resources.jobs().forget(job)
        providers.served_versions.clear()
        st.rerun()


def _show(job: AnyJob) -> None:
    if not job.error:
        st.progress(job.progress().share, text=escape_markdown(f"{job.title} … You can leave this page."))
        return
    st.error(escape_markdown(f"{job.title} failed. {job.error}"), icon=":material/error:")
    st.button("Dismiss", key=f"dismiss-{job.subject}", on_click=resources.jobs().forget, args=(job,))


@st.dialog("Deploy model")
def _confirm_deployment(version: ModelVersion) -> None:
    st.markdown(escape_markdown(f"{version.family} {version.version} can predict once it is deployed."))
    if version.provider == BUILT_IN:
        st.markdown("The built-in service runs on this server at no charge.")
    else:
        nodes = st.number_input("Nodes", min_value=1, max_value=100, value=1, key=NODES_KEY)
        st.markdown(escape_markdown(describe_cost(nodes, _choose_price())))
    if st.button(escape_markdown(_DEPLOY), key=CONFIRM_KEY, type="primary", on_click=_deploy, args=(version,)):
        st.rerun()  # closes the dialog


@st.dialog("Undeploy model")
def _confirm_undeployment(version: ModelVersion) -> None:
    name = f"{version.family} {version.version}"
    st.markdown(escape_markdown(f"{name} cannot predict until it is deployed again. Stored predictions are kept."))
    if st.button(escape_markdown(_UNDEPLOY), key=CONFIRM_KEY, type="primary", on_click=_undeploy, args=(version,)):
        st.rerun()  # closes the dialog


def _choose_price() -> float:
    price: float = st.number_input(
        "Price per node-hour",
        min_value=0.0,
        value=st.session_state.get(_PRICE_KEPT, 0.0),
        step=0.1,
        key=PRICE_KEY,
        help="Your contract's price, in your currency. Leave 0 to see node-hours only.",
    )
    # Streamlit forgets a widget's value when its dialog closes.
    st.session_state[_PRICE_KEPT] = price
    return price


def describe_cost(nodes: int, price: float) -> str:
    """Describe what a deployed version costs: node-hours and, where the price is known, money."""
    day = nodes * _HOURS_PER_DAY
    month = day * _DAYS_PER_MONTH
    hours = f"A deployed model uses {day:,} node-hours a day, {month:,} a month, even without predictions."
    return f"{hours} At your price: {day * price:,.2f} a day, {month * price:,.2f} a month." if price else hours


@makes_change
def _deploy(version: ModelVersion) -> None:
    nodes = int(st.session_state.get(NODES_KEY, 1))
    deploy_model(resources.store(), find_actor(), resources.jobs(), _find_target(version), nodes=nodes)


@makes_change
def _undeploy(version: ModelVersion) -> None:
    undeploy_model(resources.store(), find_actor(), resources.jobs(), _find_target(version))


def _find_target(version: ModelVersion) -> DeploymentTarget:
    return DeploymentTarget(providers.clients()[version.provider], version)
