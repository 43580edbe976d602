"""The sidebar's questions: whom to ask. All choices live in the address, so that a link reproduces them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from lib.charts.colours import MOST_VERSIONS
from lib.clients.automl_servers import BUILT_IN
from lib.domain.prediction import ModelVersion
from lib.errors import ServiceError
from lib.ui import services
from lib.ui.words import plain

SERVICE_KEY = "service"
PROJECT_KEY = "project"
REGION_KEY = "region"
FAMILY_KEY = "family"
VERSIONS_KEY = "versions"
_FAMILY_SHOWN = "family-shown"
_FOLLOWED = "session-followed"
_KEPT = "kept-"
_SHOWN_AT_FIRST = 2


@dataclass(frozen=True, slots=True)
class Choice:
    """Who is asked: the service, where, and the versions by the name they go by on the page, baseline first.

    `served` is all that can be asked there; None where the service cannot say.
    """

    service: str
    project: str
    region: str
    served: list[ModelVersion] | None
    versions: dict[str, ModelVersion]


NO_CHOICE = Choice("built-in", "", "", None, {})
"""Nobody is asked."""


def choose_versions(recorded: Sequence[ModelVersion]) -> Choice:
    """Ask, in the sidebar, for service, project, region, family and versions; everything has a default.

    `recorded` are versions with stored answers: they can be looked at even when no service knows them any more.
    """
    usual = _find_parts(recorded[0]) if recorded and _came_back() and not is_in_address() else {}
    with st.sidebar:
        service = _choose("Service", list(services.clients()), SERVICE_KEY, usual)
        project = _choose_project(service, usual)
        region = _choose("Region", services.clients()[service].find_regions(), REGION_KEY, usual)
        served = _find_served(service, project, region) if project else None
        family = _choose_family([*(served or []), *recorded], usual)
        names = name_versions(family, served or [], recorded)
        versions = _choose_in_family(names, family, recorded)
    return Choice(service, project, region, served, versions)


def _came_back() -> bool:
    """Whether this run shows an address that *Back* or *Forward* led to.

    Streamlit then sets each question to what the address says or, where it says nothing, to its default, and never to
    what is set in the session state: what is usual there must be the default.
    """
    run = get_script_run_ctx()
    return bool(run and run.is_history_navigation)


def _find_parts(version: ModelVersion) -> dict[str, str]:
    """What must be chosen, by the question's key, for this version to be asked."""
    parts = version.model_name.split("/")
    return {
        SERVICE_KEY: version.service,
        PROJECT_KEY: parts[1],
        REGION_KEY: parts[3],
        FAMILY_KEY: version.family,
    }


def _choose_project(service: str, usual: Mapping[str, str]) -> str:
    """Ask for a project: one of those that can be seen, or any that is typed."""
    projects, trouble = _find_projects(service)
    typed = st.query_params.get(PROJECT_KEY) or usual.get(PROJECT_KEY) or st.session_state.get(PROJECT_KEY)
    options = list(dict.fromkeys([*projects, typed])) if typed and service != BUILT_IN else projects
    chosen = st.selectbox(
        "Project",
        options,
        index=_find_place(options, usual.get(PROJECT_KEY)) if projects or usual else None,
        placeholder="Type a project id",
        accept_new_options=service != BUILT_IN,
        key=PROJECT_KEY,
        bind="query-params",
    )
    st.session_state[_KEPT + PROJECT_KEY] = chosen
    if trouble and not chosen:
        st.error(plain(trouble), icon=":material/key_off:")
    return (chosen or "").strip()


def _find_projects(service: str) -> tuple[list[str], str]:
    """Projects that can be seen, and why they cannot be."""
    try:
        return services.projects_of(service), ""
    except ServiceError as error:
        return [], str(error)


def _find_served(service: str, project: str, region: str) -> list[ModelVersion] | None:
    try:
        return services.versions_of(service, project, region)
    except ServiceError as error:
        st.error(plain(str(error)), icon=":material/cloud_off:")
        return None


def _choose_family(versions: Sequence[ModelVersion], usual: Mapping[str, str]) -> str:
    families = dict.fromkeys(version.family for version in versions)
    return _choose("Family", list(families), FAMILY_KEY, usual)


def _find_place(options: Sequence[str], wanted: str | None) -> int:
    return options.index(wanted) if wanted in options else 0


def _choose(label: str, options: list[str], key: str, usual: Mapping[str, str]) -> str:
    place = _find_place(options, usual.get(key))
    chosen = st.selectbox(plain(label), options, index=place, key=key, bind="query-params") or ""
    st.session_state[_KEPT + key] = chosen
    return chosen


def _choose_in_family(
    names: dict[str, ModelVersion], family: str, recorded: Sequence[ModelVersion]
) -> dict[str, ModelVersion]:
    answered = [name for name, version in names.items() if version in recorded][:MOST_VERSIONS]
    usual = None
    if _came_back():
        usual = answered or list(names)[:_SHOWN_AT_FIRST]
    elif st.session_state.pop(_FOLLOWED, False):
        st.session_state[VERSIONS_KEY] = answered
    elif _must_choose_anew(family):
        # Set, and not given as the widget's default: the address then always says which versions a link shows.
        st.session_state[VERSIONS_KEY] = list(names)[:_SHOWN_AT_FIRST]
    st.session_state[_FAMILY_SHOWN] = family
    chosen = st.multiselect(
        "Versions",
        list(names),
        default=usual if VERSIONS_KEY not in st.query_params else None,
        key=VERSIONS_KEY,
        bind="query-params",
        max_selections=MOST_VERSIONS,
        help="The first one is the baseline.",
    )
    st.session_state[_KEPT + VERSIONS_KEY] = chosen
    return {name: names[name] for name in chosen}


def _must_choose_anew(family: str) -> bool:
    """Whether nothing is chosen yet, or it was chosen in another family, where the names mean something else."""
    shown = st.session_state.get(_FAMILY_SHOWN)
    return VERSIONS_KEY not in st.query_params if shown is None else shown != family


def name_versions(
    family: str, served: Sequence[ModelVersion], recorded: Sequence[ModelVersion]
) -> dict[str, ModelVersion]:
    """Names for the family's versions, each its own: twins carry their id, and what is not served here says so."""
    names: dict[str, ModelVersion] = {}
    gone = [version for version in recorded if version not in served]
    for version in (version for version in [*served, *gone] if version.family == family):
        name = version.version if version in served else f"{version.version} (not served here)"
        names[name if name not in names else f"{name} {version.model_id}"] = version
    return names


def restore_choices() -> None:
    """Choose as on the page before; to be called on a change of page, before the sidebar is drawn.

    Streamlit itself forgets, on the first change of page, what came with the address and was not touched since.
    """
    if _came_back():
        return
    for key in (SERVICE_KEY, PROJECT_KEY, REGION_KEY, FAMILY_KEY, VERSIONS_KEY):
        if _KEPT + key in st.session_state and key not in st.query_params:
            st.session_state[key] = st.session_state[_KEPT + key]


def follow_session(recorded: Sequence[ModelVersion]) -> None:
    """Choose what the session's first answers came from; to be called before the sidebar is drawn."""
    if recorded and not _came_back():
        st.session_state.update(_find_parts(recorded[0]))
        st.session_state[_FAMILY_SHOWN] = recorded[0].family
        st.session_state[_FOLLOWED] = True  # the versions follow once it is known what is served


def is_in_address() -> bool:
    """Whether the address says which versions to show."""
    return any(key in st.query_params for key in (SERVICE_KEY, PROJECT_KEY, REGION_KEY, FAMILY_KEY, VERSIONS_KEY))
