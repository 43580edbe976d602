"""The list of what is served, family by family."""

from datetime import UTC, datetime
from itertools import groupby

import streamlit as st

from lib.domain.models import ServedVersion
from lib.domain.predictions import ModelVersion
from lib.domain.wording import format_count
from lib.providers.automl_servers import BUILT_IN
from lib.serving import ServedModel
from lib.serving.models.networks import Network
from lib.ui import providers
from lib.ui.deployment_controls import offer_deployment, show_deployments
from lib.ui.text import escape_markdown, format_age, format_day, format_exact_time, format_versions
from lib.ui.version_choice import Choice
from lib.ui.visitor import live
from lib.web import resources

_DAY_S = 86_400
_EVERY_S = 1.0


def show_versions(choice: Choice) -> None:
    """Each family with its versions: state, kind, age and full model name; nothing where the service cannot say."""
    show_deployments()
    if choice.served is None:
        return
    if not choice.served:
        st.markdown(escape_markdown(_describe_nothing_served(choice)))
    served = providers.served_versions(
        choice.provider, choice.project, choice.region, providers.standing_of(choice.provider)
    )
    for family, members in groupby(served, key=lambda each: each.version.family):
        shown = list(members)
        st.subheader(escape_markdown(family), anchor=False)
        st.caption(format_versions(len(shown)))
        for each in shown:
            _show_version(each)


def _describe_nothing_served(choice: Choice) -> str:
    if choice.provider == BUILT_IN:
        return "No models found. Add an exported model to models/<family>/<version>/ and restart."
    return f"{choice.project} has no image classification model in {choice.region}."


def _show_version(served: ServedVersion) -> None:
    now = datetime.now(UTC)
    version = served.version
    own = _find_own(version)
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{escape_markdown(version.version)}**")
            st.markdown(_describe_state(served, own))
            offer_deployment(version)
        st.caption(escape_markdown(" · ".join(_describe_facts(served))), help=_describe_created(served))
        if own:
            st.caption(escape_markdown(describe_input(own.export.network)))
        for notice in own.export.notices if own else ():
            st.warning(escape_markdown(notice), icon=":material/label:")
        if own and own.runner.fault:
            st.error(escape_markdown(_describe_fault(own.runner.fault)), icon=":material/error:")
        if served.ends_soon(now):
            st.warning(escape_markdown(format_end(served, now)), icon=":material/hourglass_bottom:")
        elif served.expires_at:
            st.caption(escape_markdown(format_end(served, now)))
        st.code(version.model_name, language=None, wrap_lines=True)


def _find_own(version: ModelVersion) -> ServedModel | None:
    """The built-in service's own version; None for those of other services."""
    if version.provider != BUILT_IN:
        return None
    models = resources.prediction_service().models
    return next((model for model in models if model.model_id == version.model_id), None)


def describe_input(network: Network) -> str:
    """What the network takes, and how the numbers are made of pixels."""
    normalization = network.normalization
    if normalization is None:
        return f"Input: {network.input_text}, pixels as they are"
    if not normalization.from_metadata:
        return f"Input: {network.input_text}, pixels scaled to -1 to 1: the model's metadata does not say how"
    mean, deviation = (_describe_channels(values) for values in (normalization.mean, normalization.deviation))
    return f"Input: {network.input_text}, pixels less {mean}, divided by {deviation}, as the model's metadata says"


def _describe_channels(values: tuple[float, ...]) -> str:
    alike = len(set(values)) == 1
    return " / ".join(f"{value:g}" for value in (values[:1] if alike else values))


def _describe_fault(fault: str) -> str:
    return f"{fault[:1].upper()}{fault[1:]}. Deploy it to try it again, or upload another export."


def _describe_state(served: ServedVersion, own: ServedModel | None) -> str:
    if own and own.runner.fault:
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
        facts.append("several labels an image" if served.multi_label else "one label an image")
    if served.trained_on is not None:
        facts.append(f"trained on {format_count(served.trained_on, 'image')}")
    others = [alias for alias in served.aliases if alias != served.version.version]
    if others:
        facts.append(f"also called {', '.join(others)}")
    if served.created_at:
        facts.append(f"created {format_age(served.created_at)}")
    return facts


def _describe_created(served: ServedVersion) -> str | None:
    return format_exact_time(served.created_at) if served.created_at else None


def format_end(served: ServedVersion, now: datetime) -> str:
    """How long a custom model lives still: they live two years."""
    left = served.left(now)
    if left is None or served.expires_at is None:
        return ""
    days = int(left.total_seconds() // _DAY_S)
    if days < 0:
        return f"Expired on {format_day(served.expires_at)}. Train a new version."
    ends = f"{format_count(days, 'day')} left until it expires on {format_day(served.expires_at)}."
    return f"{ends} Train a new version before then." if served.ends_soon(now) else ends


def show_checks() -> None:
    """Versions whose model file is being checked; draws the whole page again when one is done."""
    checking = resources.prediction_service().checking
    if checking:
        st.subheader("Checking…", anchor=False)
        _follow_checks(len(checking))


@live(_EVERY_S)
def _follow_checks(drawn: int) -> None:
    checking = resources.prediction_service().checking
    if len(checking) != drawn:
        st.rerun()
    for folder in checking:
        st.text(f"{folder.parent.name}/{folder.name}")


def show_refused_folders() -> None:
    """Folders under the built-in service's models that it cannot serve, each with the reason."""
    refused = resources.prediction_service().refused
    if not refused:
        return
    st.subheader("Rejected model folders", anchor=False)
    for folder in refused:
        with st.container(border=True):
            st.text(f"{folder.family}/{folder.version}")
            st.text(folder.reason)
