"""Settle the sidebar's choices before its widgets are drawn: from the address, the session, and what is served.

All choices are kept in the address, so that a link reproduces them.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import streamlit as st
from streamlit.errors import StreamlitAPIException

from lib.charts.theme import MAX_VERSIONS
from lib.domain.predictions import ModelVersion
from lib.providers.automl_servers import BUILT_IN
from lib.ui.addresses import note_address
from lib.web import providers
from lib.web.streamlit_internals import is_history_navigation

PROVIDER_KEY = "provider"
PROJECT_KEY = "project"
REGION_KEY = "region"
FAMILY_KEY = "family"
VERSIONS_KEY = "versions"
_PROVIDER_SHOWN = "provider-shown"
_FAMILY_SHOWN = "family-shown"
_FOLLOWED = "session-followed"
_KEPT = "kept-"
_UNAVAILABLE = " (unavailable)"
_UNAVAILABLE_BEFORE = " (not served here)"  # in addresses made by earlier releases
_DEFAULT_VERSIONS = 2


@dataclass(frozen=True, slots=True)
class Choice:
    """What is chosen in the sidebar: provider, project, region, and the versions by shown name, baseline first.

    `served` are all versions in that project and region; None where the provider cannot list them. `colors` are those
    of the versions, by shown name.
    """

    provider: str
    project: str
    region: str
    served: list[ModelVersion] | None
    versions: dict[str, ModelVersion]
    colors: dict[str, str]


NO_CHOICE = Choice(BUILT_IN, "", "", None, {}, {})
"""No version is chosen."""


def find_parts(version: ModelVersion) -> dict[str, str]:
    """Return the values, by widget key, that must be chosen to predict with this version."""
    project, region = providers.find_location(version)
    parts = {
        PROVIDER_KEY: version.provider if version.provider in providers.clients() else None,
        PROJECT_KEY: project,
        REGION_KEY: region,
        FAMILY_KEY: version.family,
    }
    return {key: part for key, part in parts.items() if part is not None}


def settle(key: str, options: Sequence[str], defaults: Mapping[str, str]) -> str:
    """Return a widget's value: what was chosen, or what the address says, or the default, or the first option."""
    given = _find_given(key)
    if given in options:
        return given
    default = defaults.get(key, "")
    return default if default in options else next(iter(options), "")


def _find_given(key: str) -> str:
    """Return what was chosen or else what the address says; "" for neither.

    A choice never becomes empty again: where the browser sends nothing, the visitor clicked before the browser had
    received the value to show.
    """
    chosen = "" if is_history_navigation() else st.session_state.get(key)
    return chosen or st.query_params.get(key, "")


def names_unknown_family(families: Sequence[str]) -> bool:
    """Report whether the family comes from the address, not from a choice, and is not among `families`."""
    is_chosen = st.session_state.get(FAMILY_KEY) or st.session_state.get(_FAMILY_SHOWN) is not None
    given = st.query_params.get(FAMILY_KEY)
    return bool(given and given not in families and (is_history_navigation() or not is_chosen))


def drop_unknown_family() -> None:
    """Choose the default versions too, which the address meant for the unknown family.

    After *Back*, Streamlit shows the versions of the address in any case.
    """
    st.session_state[_FOLLOWED] = not is_history_navigation()


def add_typed_project(projects: list[str], provider: str, defaults: Mapping[str, str]) -> list[str]:
    """Return the visible projects, and one that was typed."""
    typed = _find_given(PROJECT_KEY) or defaults.get(PROJECT_KEY)
    return list(dict.fromkeys([*projects, typed])) if typed and provider != BUILT_IN else projects


def is_other_provider(provider: str) -> bool:
    """Report whether another provider was shown before, whose project and region mean nothing to this one."""
    shown = st.session_state.get(_PROVIDER_SHOWN, provider)
    st.session_state[_PROVIDER_SHOWN] = provider
    return bool(shown != provider and not is_history_navigation())


def settle_versions(names: Mapping[str, ModelVersion], family: str, recorded: Sequence[ModelVersion]) -> list[str]:
    """Return the versions to show: chosen ones, or those of the address, or of the session, or the family's first."""
    in_session = [name for name, version in names.items() if version in recorded][:MAX_VERSIONS]
    defaults = in_session or list(names)[:_DEFAULT_VERSIONS]
    in_address = _find_in_address(names)
    shown = st.session_state.get(_FAMILY_SHOWN)
    st.session_state[_FAMILY_SHOWN] = family
    if st.session_state.pop(_FOLLOWED, False) or (shown not in {None, family} and not is_history_navigation()):
        return defaults
    kept = () if is_history_navigation() else st.session_state.get(VERSIONS_KEY) or ()
    chosen = [name for name in kept if name in names] or in_address
    if chosen == [] and defaults:
        note_address("The versions in this address are not available. Default versions are shown.")
    return chosen or (defaults if in_address is not None or shown is None or is_history_navigation() else [])


def _find_in_address(names: Mapping[str, ModelVersion]) -> list[str] | None:
    """Return the known versions that the address names, served or not; None where it names none."""
    named = [_drop_mark(name) for name in st.query_params.get_all(VERSIONS_KEY) if name]
    known = {_drop_mark(name): name for name in names}
    return [known[name] for name in dict.fromkeys(named) if name in known][:MAX_VERSIONS] if named else None


def _drop_mark(name: str) -> str:
    return name.removesuffix(_UNAVAILABLE).removesuffix(_UNAVAILABLE_BEFORE)


def put_into_address(values: Mapping[str, list[str]]) -> None:
    """Set the widgets to these values, and put all of them into the address, defaults included.

    All at once, before anything is drawn: each change of the address is a step for *Back*, and a click sent before the
    page is complete carries the address along.
    """
    if is_history_navigation():
        return
    for key, value in values.items():
        shown = value if key == VERSIONS_KEY else next(iter(value)) or None
        if st.session_state.get(key) != shown or st.query_params.get_all(key) != value:
            st.session_state[key] = shown
    present = {key: value for key, value in values.items() if any(value)}
    if all(st.query_params.get_all(key) == value for key, value in present.items()):
        return
    # A widget that was drawn before puts its session state into the address by itself.
    is_corrected = any(st.query_params.get_all(key) not in ([], value) for key, value in present.items())
    with suppress(StreamlitAPIException):
        st.query_params.update(present)
        if is_corrected:
            st.rerun()  # otherwise Streamlit removes the corrected value from the address


def keep_choice(key: str, value: str | Sequence[str]) -> None:
    """Keep a choice for the next page; see restore_choices."""
    st.session_state[_KEPT + key] = value


def restore_choices() -> None:
    """Choose as on the page before; call on a change of page, before the sidebar is drawn.

    On the first change of page, Streamlit forgets values that came with the address and were not changed since.
    """
    if is_history_navigation():
        return
    for key in (PROVIDER_KEY, PROJECT_KEY, REGION_KEY, FAMILY_KEY, VERSIONS_KEY):
        if _KEPT + key in st.session_state and key not in st.query_params:
            st.session_state[key] = st.session_state[_KEPT + key]


def follow_session(recorded: Sequence[ModelVersion], *, keep_versions: bool) -> None:
    """Choose the family that the session used last; call before the sidebar is drawn.

    With `keep_versions`, those of its versions that the address names stay chosen.
    """
    if recorded and not is_history_navigation():
        for key in (PROJECT_KEY, REGION_KEY):
            st.session_state.pop(key, None)  # they may be another provider's
        st.session_state.update(find_parts(recorded[0]))
        st.session_state[_PROVIDER_SHOWN] = recorded[0].provider
        st.session_state[_FAMILY_SHOWN] = None if keep_versions else recorded[0].family
        st.session_state[_FOLLOWED] = not keep_versions  # the versions follow once it is known what is served


def is_in_address() -> bool:
    """Report whether the address names a family: the same version name means another version in each."""
    return FAMILY_KEY in st.query_params


def name_versions(
    family: str, served: Sequence[ModelVersion], recorded: Sequence[ModelVersion]
) -> dict[str, ModelVersion]:
    """Return the family's versions by unique name: duplicates carry their id, and those not served are marked."""
    names: dict[str, ModelVersion] = {}
    gone = [version for version in recorded if version not in served]
    for version in (version for version in [*served, *gone] if version.family == family):
        name = version.version if version in served else f"{version.version}{_UNAVAILABLE}"
        names[name if name not in names else f"{name} {version.model_id}"] = version
    return names
