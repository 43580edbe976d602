"""The sidebar's questions: whom to ask. All choices live in the address, so that a link reproduces them."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import streamlit as st
from streamlit.errors import StreamlitAPIException

from lib.charts.theme import MOST_VERSIONS
from lib.domain.predictions import ModelVersion
from lib.errors import ServiceError
from lib.providers.automl_servers import BUILT_IN
from lib.ui import providers
from lib.ui.addresses import came_back, note_address, show_address_note
from lib.ui.text import escape_markdown, shorten_name

PROVIDER_KEY = "provider"
PROJECT_KEY = "project"
REGION_KEY = "region"
FAMILY_KEY = "family"
VERSIONS_KEY = "versions"
_SERVICE_SHOWN = "service-shown"
_FAMILY_SHOWN = "family-shown"
_FOLLOWED = "session-followed"
_KEPT = "kept-"
_GONE = " (not served here)"
_SHOWN_AT_FIRST = 2


@dataclass(frozen=True, slots=True)
class Choice:
    """Who is asked: the service, where, and the versions by the name they go by on the page, baseline first.

    `served` is all that can be asked there; None where the service cannot say.
    """

    provider: str
    project: str
    region: str
    served: list[ModelVersion] | None
    versions: dict[str, ModelVersion]


NO_CHOICE = Choice("built-in", "", "", None, {})
"""Nobody is asked."""


def choose_versions(recorded: Sequence[ModelVersion]) -> Choice:
    """Ask, in the sidebar, for service, project, region, family and versions; everything has a default.

    `recorded` are the versions that the session asked, those of the family asked last first: they can be looked at even
    when no service knows them any more.
    """
    usual = _find_parts(recorded[0]) if recorded and came_back() and not is_in_address() else {}
    provider = _settle(PROVIDER_KEY, list(providers.clients()), usual)
    is_other = _is_other_service(provider)
    projects, no_projects = _find_projects(provider)
    if not is_other:
        projects = _add_typed_project(projects, provider, usual)
    project = (next(iter(projects), "") if is_other else _settle(PROJECT_KEY, projects, usual)).strip()
    regions = providers.clients()[provider].find_regions()
    region = regions[0] if is_other else _settle(REGION_KEY, regions, usual)
    served, unreachable = _find_served(provider, project, region) if project else (None, "")
    families = list(dict.fromkeys(version.family for version in [*(served or []), *recorded]))
    if _names_unknown_family(families):
        if served is not None:
            given = shorten_name(st.query_params[FAMILY_KEY])
            note_address(f"The address names a family that is not served here: {given}. The usual one is shown.")
            if recorded and not came_back():
                follow_session(recorded, keep_versions=False)
                return choose_versions(recorded)
        # The versions that it names were meant of that family; after Back, Streamlit shows them whatever is said here.
        st.session_state[_FOLLOWED] = not came_back()
        usual = _find_parts(recorded[0]) if recorded else usual
    family = _settle(FAMILY_KEY, families, usual)
    names = name_versions(family, served or [], recorded)
    versions = _settle_versions(names, family, recorded)
    place = {PROVIDER_KEY: [provider], PROJECT_KEY: [project], REGION_KEY: [region]}
    _put_into_address({**place, FAMILY_KEY: [family], VERSIONS_KEY: versions})
    with st.sidebar:
        _ask("Service", list(providers.clients()), PROVIDER_KEY, provider)
        _ask_for_project(projects, project, no_projects)
        _ask("Region", regions, REGION_KEY, region)
        if unreachable:
            st.error(escape_markdown(unreachable), icon=":material/cloud_off:")
        _ask("Family", families, FAMILY_KEY, family)
        _ask_for_versions(list(names), versions)
        show_address_note((family, *versions))
    return Choice(provider, project, region, served, {name: names[name] for name in versions})


def _find_parts(version: ModelVersion) -> dict[str, str]:
    """What must be chosen, by the question's key, for this version to be asked."""
    project, region = providers.find_place(version)
    parts = {
        PROVIDER_KEY: version.provider if version.provider in providers.clients() else None,
        PROJECT_KEY: project,
        REGION_KEY: region,
        FAMILY_KEY: version.family,
    }
    return {key: part for key, part in parts.items() if part is not None}


def _settle(key: str, options: Sequence[str], usual: Mapping[str, str]) -> str:
    """The answer to a question before it is drawn: what was chosen, what the address says, what is usual, the first."""
    given = _find_given(key)
    if given in options:
        return given
    wanted = usual.get(key, "")
    return wanted if wanted in options else next(iter(options), "")


def _find_given(key: str) -> str:
    """What was chosen, or else what the address says; "" for neither.

    A choice is never taken back to nothing: where nothing is what the browser sends, somebody clicked before it had
    taken over what it was to show.
    """
    chosen = "" if came_back() else st.session_state.get(key)
    return chosen or st.query_params.get(key, "")


def _names_unknown_family(families: Sequence[str]) -> bool:
    """Whether it is the address that says which family to show, and nobody knows that one here."""
    is_chosen = st.session_state.get(FAMILY_KEY) or st.session_state.get(_FAMILY_SHOWN) is not None
    given = st.query_params.get(FAMILY_KEY)
    return bool(given and given not in families and (came_back() or not is_chosen))


def _add_typed_project(projects: list[str], provider: str, usual: Mapping[str, str]) -> list[str]:
    """Projects to choose from: those that can be seen, and one that is typed."""
    typed = _find_given(PROJECT_KEY) or usual.get(PROJECT_KEY)
    return list(dict.fromkeys([*projects, typed])) if typed and provider != BUILT_IN else projects


def _is_other_service(provider: str) -> bool:
    """Whether another service was shown before: where that was asked leads nowhere in this one."""
    shown = st.session_state.get(_SERVICE_SHOWN, provider)
    st.session_state[_SERVICE_SHOWN] = provider
    return bool(shown != provider and not came_back())


def _find_projects(provider: str) -> tuple[list[str], str]:
    """Projects that can be seen, and why they cannot be."""
    try:
        return providers.projects_of(provider), ""
    except ServiceError as error:
        return [], str(error)


def _find_served(provider: str, project: str, region: str) -> tuple[list[ModelVersion] | None, str]:
    """What can be asked there, and why that cannot be told."""
    try:
        return providers.versions_of(provider, project, region), ""
    except ServiceError as error:
        return None, str(error)


def _settle_versions(names: Mapping[str, ModelVersion], family: str, recorded: Sequence[ModelVersion]) -> list[str]:
    """What was chosen, or what the address says; else what the session asked, or the family's first versions."""
    asked = [name for name, version in names.items() if version in recorded][:MOST_VERSIONS]
    usual = asked or list(names)[:_SHOWN_AT_FIRST]
    in_address = _find_named(names)
    shown = st.session_state.get(_FAMILY_SHOWN)
    st.session_state[_FAMILY_SHOWN] = family
    if st.session_state.pop(_FOLLOWED, False) or (shown not in {None, family} and not came_back()):
        return usual
    kept = () if came_back() else st.session_state.get(VERSIONS_KEY) or ()
    chosen = [name for name in kept if name in names] or in_address
    if chosen == [] and usual:
        note_address("The versions that the address names do not exist here. The usual ones are shown.")
    return chosen or (usual if in_address is not None or shown is None or came_back() else [])


def _find_named(names: Mapping[str, ModelVersion]) -> list[str] | None:
    """Those that the address names, whether they were served then or are now; None where it names none."""
    named = [name.removesuffix(_GONE) for name in st.query_params.get_all(VERSIONS_KEY) if name]
    found = {name.removesuffix(_GONE): name for name in names}
    return [found[name] for name in dict.fromkeys(named) if name in found][:MOST_VERSIONS] if named else None


def _put_into_address(answers: Mapping[str, list[str]]) -> None:
    """Have the questions show the answers, and the address name them all, those too that nobody chose.

    All at once, before anything is drawn: each change is a step for *Back*, and whoever clicks before the page is
    complete sends them along.
    """
    if came_back():
        return
    for key, answer in answers.items():
        shown = answer if key == VERSIONS_KEY else next(iter(answer)) or None
        if st.session_state.get(key) != shown or st.query_params.get_all(key) != answer:
            st.session_state[key] = shown
    missing = {key: answer for key, answer in answers.items() if any(answer)}
    if all(st.query_params.get_all(key) == answer for key, answer in missing.items()):
        return
    # A question that was drawn before puts into the address by itself what is set in the session state.
    is_corrected = any(st.query_params.get_all(key) not in ([], answer) for key, answer in missing.items())
    with suppress(StreamlitAPIException):
        st.query_params.update(missing)
        if is_corrected:
            st.rerun()  # else Streamlit takes out of the address the answer to what the visitor's address got wrong


def _find_default(key: str, options: Sequence[str], answer: str) -> int | None:
    """The place of the answer, where only a default can show it: see came_back."""
    is_needed = came_back() and answer in options and st.query_params.get(key) != answer
    return options.index(answer) if is_needed else None


def _ask(label: str, options: Sequence[str], key: str, answer: str) -> None:
    # Without a default, which the address would leave out; and nobody can choose nothing.
    place = _find_default(key, options, answer)
    st.selectbox(escape_markdown(label), options, index=place, key=key, required=True, bind="query-params")
    st.session_state[_KEPT + key] = answer


def _ask_for_project(projects: Sequence[str], project: str, trouble: str) -> None:
    """Ask for a project: one of those that can be seen, or any that is typed."""
    # New ones for every service, also where none is taken: else it would be another question for each, which Streamlit
    # answers with what the address still says of the service before.
    st.selectbox(
        "Project",
        projects,
        index=_find_default(PROJECT_KEY, projects, project),
        placeholder="Type a project id",
        accept_new_options=True,
        key=PROJECT_KEY,
        required=True,
        bind="query-params",
    )
    st.session_state[_KEPT + PROJECT_KEY] = project
    if trouble and not project:
        st.error(escape_markdown(trouble), icon=":material/key_off:")


def _ask_for_versions(names: Sequence[str], versions: Sequence[str]) -> None:
    is_default = came_back() and st.query_params.get_all(VERSIONS_KEY) != versions
    st.multiselect(
        "Versions",
        names,
        default=versions if is_default else None,
        key=VERSIONS_KEY,
        bind="query-params",
        max_selections=MOST_VERSIONS,
        help="The first one is the baseline.",
    )
    st.session_state[_KEPT + VERSIONS_KEY] = versions


def name_versions(
    family: str, served: Sequence[ModelVersion], recorded: Sequence[ModelVersion]
) -> dict[str, ModelVersion]:
    """Names for the family's versions, each its own: twins carry their id, and what is not served here says so."""
    names: dict[str, ModelVersion] = {}
    gone = [version for version in recorded if version not in served]
    for version in (version for version in [*served, *gone] if version.family == family):
        name = version.version if version in served else f"{version.version}{_GONE}"
        names[name if name not in names else f"{name} {version.model_id}"] = version
    return names


def restore_choices() -> None:
    """Choose as on the page before; to be called on a change of page, before the sidebar is drawn.

    Streamlit itself forgets, on the first change of page, what came with the address and was not touched since.
    """
    if came_back():
        return
    for key in (PROVIDER_KEY, PROJECT_KEY, REGION_KEY, FAMILY_KEY, VERSIONS_KEY):
        if _KEPT + key in st.session_state and key not in st.query_params:
            st.session_state[key] = st.session_state[_KEPT + key]


def follow_session(recorded: Sequence[ModelVersion], *, keep_versions: bool) -> None:
    """Choose the family that the session asked last; to be called before the sidebar is drawn.

    With `keep_versions`, the versions of it that the address names are shown, if it names any.
    """
    if recorded and not came_back():
        for key in (PROJECT_KEY, REGION_KEY):
            st.session_state.pop(key, None)  # of another service perhaps, where a stored name leads nowhere
        st.session_state.update(_find_parts(recorded[0]))
        st.session_state[_SERVICE_SHOWN] = recorded[0].provider
        st.session_state[_FAMILY_SHOWN] = None if keep_versions else recorded[0].family
        st.session_state[_FOLLOWED] = not keep_versions  # the versions follow once it is known what is served


def is_in_address() -> bool:
    """Whether the address says which family to show: versions of the same name mean others in each."""
    return FAMILY_KEY in st.query_params
