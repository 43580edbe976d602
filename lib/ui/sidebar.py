"""The sidebar: choose provider, project, region, family and versions."""

from collections.abc import Mapping, Sequence

import streamlit as st

from lib.charts.theme import MAX_VERSIONS, assign_colors
from lib.domain.predictions import ModelVersion
from lib.errors import ServiceError
from lib.ui.addresses import note_address, show_address_note
from lib.ui.text import escape_markdown, shorten_name
from lib.ui.version_choice import (
    FAMILY_KEY,
    PROJECT_KEY,
    PROVIDER_KEY,
    REGION_KEY,
    VERSIONS_KEY,
    Choice,
    add_typed_project,
    drop_unknown_family,
    find_parts,
    follow_session,
    is_in_address,
    is_other_provider,
    keep_choice,
    name_versions,
    names_unknown_family,
    put_into_address,
    settle,
    settle_versions,
)
from lib.web import providers
from lib.web.streamlit_internals import is_history_navigation


def choose_versions(recorded: Sequence[ModelVersion], numbers: Mapping[ModelVersion, int]) -> Choice:
    """Ask for provider, project, region, family and versions; each has a default.

    `recorded` are the session's versions, those of the family used last first. They can be chosen to view their
    predictions even when no provider serves them any more. Their `numbers` give them colors.
    """
    defaults = find_parts(recorded[0]) if recorded and is_history_navigation() and not is_in_address() else {}
    provider = settle(PROVIDER_KEY, list(providers.clients()), defaults)
    is_other = is_other_provider(provider)
    projects, projects_error = _find_projects(provider)
    if not is_other:
        projects = add_typed_project(projects, provider, defaults)
    project = (next(iter(projects), "") if is_other else settle(PROJECT_KEY, projects, defaults)).strip()
    regions = providers.clients()[provider].find_regions()
    region = regions[0] if is_other else settle(REGION_KEY, regions, defaults)
    served, served_error = _find_served(provider, project, region) if project else (None, "")
    families = list(dict.fromkeys(version.family for version in [*(served or []), *recorded]))
    if names_unknown_family(families):
        if served is not None:
            given = shorten_name(st.query_params[FAMILY_KEY])
            note_address(f"The model family in this address is not available: {given}. The default is shown.")
            if recorded and not is_history_navigation():
                follow_session(recorded, keep_versions=False)
                return choose_versions(recorded, numbers)
        drop_unknown_family()
        defaults = find_parts(recorded[0]) if recorded else defaults
    family = settle(FAMILY_KEY, families, defaults)
    names = name_versions(family, served or [], recorded)
    versions = settle_versions(names, family, recorded)
    colors = assign_colors({name: numbers.get(names[name]) for name in versions})
    location = {PROVIDER_KEY: [provider], PROJECT_KEY: [project], REGION_KEY: [region]}
    put_into_address({**location, FAMILY_KEY: [family], VERSIONS_KEY: versions})
    with st.sidebar:
        _choose("Provider", list(providers.clients()), PROVIDER_KEY, provider)
        _choose_project(projects, project, projects_error)
        _choose("Region", regions, REGION_KEY, region)
        if served_error:
            st.error(escape_markdown(served_error), icon=":material/cloud_off:")
        _choose("Model family", families, FAMILY_KEY, family)
        _choose_names(list(names), versions, colors)
        show_address_note((family, *versions))
    return Choice(provider, project, region, served, {name: names[name] for name in versions}, colors)


def _find_projects(provider: str) -> tuple[list[str], str]:
    """Return the visible projects, and the error where they cannot be listed."""
    try:
        return providers.projects_of(provider), ""
    except ServiceError as error:
        return [], str(error)


def _find_served(provider: str, project: str, region: str) -> tuple[list[ModelVersion] | None, str]:
    """Return the versions in a project and region, or None and the error where they cannot be listed."""
    try:
        return providers.versions_of(provider, project, region), ""
    except ServiceError as error:
        return None, str(error)


def _choose(label: str, options: Sequence[str], key: str, value: str) -> None:
    # Without a default, which the address would leave out; and required, so that it cannot be cleared.
    index = _find_default(key, options, value)
    st.selectbox(escape_markdown(label), options, index=index, key=key, required=True, bind="query-params")
    keep_choice(key, value)


def _find_default(key: str, options: Sequence[str], value: str) -> int | None:
    """Return the value's index, where only a default can show it; see is_history_navigation."""
    is_needed = is_history_navigation() and value in options and st.query_params.get(key) != value
    return options.index(value) if is_needed else None


def _choose_project(projects: Sequence[str], project: str, error: str) -> None:
    """Ask for a project: one that is visible, or any that is typed."""
    # New options are accepted for every provider, even where none is used: otherwise it would be another widget for
    # each, which Streamlit fills with the previous provider's value in the address.
    st.selectbox(
        "Project",
        projects,
        index=_find_default(PROJECT_KEY, projects, project),
        placeholder="Type a project ID",
        accept_new_options=True,
        key=PROJECT_KEY,
        required=True,
        bind="query-params",
    )
    keep_choice(PROJECT_KEY, project)
    if error and not project:
        st.error(escape_markdown(error), icon=":material/key_off:")


def _choose_names(names: Sequence[str], versions: Sequence[str], colors: Mapping[str, str]) -> None:
    is_default = is_history_navigation() and st.query_params.get_all(VERSIONS_KEY) != versions
    st.multiselect(
        "Versions",
        names,
        default=versions if is_default else None,
        key=VERSIONS_KEY,
        bind="query-params",
        max_selections=MAX_VERSIONS,
        help="The first version is the baseline.",
    )
    st.html(_color_chips(versions, colors))
    keep_choice(VERSIONS_KEY, versions)


def _color_chips(versions: Sequence[str], colors: Mapping[str, str]) -> str:
    """Return the style that puts a dot in the version's color before the name on each chip."""
    rules = (
        f".st-key-{VERSIONS_KEY} [data-tag-index='{index}']::before {{ color: {colors[name]}; }}"
        for index, name in enumerate(versions)
    )
    return f"<style>{' '.join(rules)}</style>"
