"""The Versions tab: all versions by family, running checks of model files, and rejected model folders."""

from datetime import UTC, datetime
from itertools import groupby

import streamlit as st

from lib.domain.models import ServedVersion
from lib.domain.predictions import ModelVersion
from lib.domain.wording import format_count
from lib.providers.automl_servers import BUILT_IN
from lib.serving import ServedModel
from lib.serving.models.networks import Network
from lib.ui.deployment_controls import offer_deployment, show_deployments
from lib.ui.text import escape_markdown, format_age, format_day, format_exact_time, format_versions
from lib.ui.version_choice import Choice
from lib.ui.visitor import live
from lib.web import providers, resources

_DAY_S = 86_400
_REFRESH_S = 1.0


def show_versions(choice: Choice) -> None:
    """Draw each family with its versions: state, kind, age and model name. Nothing if the provider is unavailable."""
    show_deployments()
    if choice.served is None:
        return
    if not choice.served:
        st.markdown(escape_markdown(_describe_nothing_served(choice)))
    served = providers.served_versions(
        choice.provider, choice.project, choice.region, providers.standing_of(choice.provider)
    )
    for family, members in groupby(served, key=lambda version: version.version.family):
        shown = list(members)
        st.subheader(escape_markdown(family), anchor=False)
        st.caption(format_versions(len(shown)))
        for version in shown:
            _show_version(version)


def _describe_nothing_served(choice: Choice) -> str:
    if choice.provider == BUILT_IN:
        return "No models found. Add an exported model to models/<family>/<version>/ and restart."
    return f"{choice.project} has no image classification models in {choice.region}."


def _show_version(served: ServedVersion) -> None:
    now = datetime.now(UTC)
    version = served.version
    model = _find_model(version)
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{escape_markdown(version.version)}**")
            st.markdown(_describe_state(served, model))
            offer_deployment(version)
        st.caption(escape_markdown(" · ".join(_describe_facts(served))), help=_describe_created(served))
        if model:
            st.caption(escape_markdown(describe_input(model.export.network)))
        for notice in model.export.notices if model else ():
            st.warning(escape_markdown(notice), icon=":material/label:")
        if model and model.runner.fault:
            st.error(escape_markdown(_describe_fault(model.runner.fault)), icon=":material/error:")
        if served.ends_soon(now):
            st.warning(escape_markdown(describe_expiry(served, now)), icon=":material/hourglass_bottom:")
        elif served.expires_at:
            st.caption(escape_markdown(describe_expiry(served, now)))
        st.code(version.model_name, language=None, wrap_lines=True)


def _find_model(version: ModelVersion) -> ServedModel | None:
    """Return the model of a built-in version; None for other providers."""
    if version.provider != BUILT_IN:
        return None
    models = resources.prediction_service().models
    return next((model for model in models if model.model_id == version.model_id), None)


def describe_input(network: Network) -> str:
    """Describe the input of the network, and how pixels are normalized."""
    normalization = network.normalization
    if normalization is None:
        return f"Input: {network.input_text}, pixels not normalized"
    if not normalization.from_metadata:
        return f"Input: {network.input_text}, pixels scaled to -1 to 1 (not specified in the model's metadata)"
    mean, deviation = (_describe_channels(values) for values in (normalization.mean, normalization.deviation))
    return f"Input: {network.input_text}, pixels minus {mean}, divided by {deviation}, from the model's metadata"


def _describe_channels(values: tuple[float, ...]) -> str:
    are_equal = len(set(values)) == 1
    return " / ".join(f"{value:g}" for value in (values[:1] if are_equal else values))


def _describe_fault(fault: str) -> str:
    return f"{fault[:1].upper()}{fault[1:]}. Deploy it to try again, or upload another export."


def _describe_state(served: ServedVersion, model: ServedModel | None) -> str:
    if model and model.runner.fault:
        return ":red[:material/error:] Out of service"
    if not served.version.deployed:
        return ":material/cancel: Not deployed"
    nodes = f" on {format_count(served.nodes, 'node')}" if served.nodes else ""
    return f":green[:material/check_circle:] Deployed{nodes}"


def _describe_facts(served: ServedVersion) -> list[str]:
    facts = [served.version.model_id]
    if served.kind:
        facts.append(served.kind)
    if served.multi_label is not None:
        facts.append("multi-label" if served.multi_label else "single-label")
    if served.trained_on is not None:
        facts.append(f"trained on {format_count(served.trained_on, 'image')}")
    aliases = [alias for alias in served.aliases if alias != served.version.version]
    if aliases:
        facts.append(f"also called {', '.join(aliases)}")
    if served.created_at:
        facts.append(f"created {format_age(served.created_at)}")
    return facts


def _describe_created(served: ServedVersion) -> str | None:
    return format_exact_time(served.created_at) if served.created_at else None


def describe_expiry(served: ServedVersion, now: datetime) -> str:
    """Describe when a custom model expires; "" for other models."""
    left = served.left(now)
    if left is None or served.expires_at is None:
        return ""
    days = int(left.total_seconds() // _DAY_S)
    if days < 0:
        return f"Expired on {format_day(served.expires_at)}. Train a new version."
    expiry = f"{format_count(days, 'day')} left until it expires on {format_day(served.expires_at)}."
    return f"{expiry} Train a new version before then." if served.ends_soon(now) else expiry


def show_checks() -> None:
    """Draw versions whose model file is being checked; redraws the page when one is done."""
    checking = resources.prediction_service().checking
    if checking:
        st.subheader("Checking…", anchor=False)
        _follow_checks(len(checking))


@live(_REFRESH_S)
def _follow_checks(drawn: int) -> None:
    checking = resources.prediction_service().checking
    if len(checking) != drawn:
        st.rerun()
    for folder in checking:
        st.text(f"{folder.parent.name}/{folder.name}")


def show_rejected_folders() -> None:
    """Draw the folders in models/ that the built-in provider rejects, each with the reason."""
    rejected = resources.prediction_service().refused
    if not rejected:
        return
    st.subheader("Rejected model folders", anchor=False)
    for folder in rejected:
        with st.container(border=True):
            st.text(f"{folder.family}/{folder.version}")
            st.text(folder.reason)
