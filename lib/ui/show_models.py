"""The lists of the Models page."""

from itertools import groupby

import streamlit as st

from lib.domain.prediction import ModelVersion
from lib.errors import ServiceError
from lib.ui import resources
from lib.ui.choose_versions import Choice
from lib.ui.words import plain, say_versions


def show_versions(choice: Choice) -> None:
    """Each family with its versions: name, state and full model name; nothing where the service cannot say."""
    if choice.served is None:
        return
    if not choice.served:
        st.markdown("No version is served. Put an exported model into `models/<family>/<version>/` and start again.")
    for family, members in groupby(choice.served, key=lambda version: version.family):
        shown = list(members)
        st.subheader(family, anchor=False)
        st.caption(say_versions(len(shown)))
        for version in shown:
            _show_version(choice.service, version)


def _show_version(service: str, version: ModelVersion) -> None:
    with st.container(horizontal=True, vertical_alignment="center", border=True):
        st.markdown(f"**{version.version}**")
        st.markdown(
            ":green[:material/check_circle:] Deployed" if version.deployed else ":material/cancel: Not deployed"
        )
        st.code(version.model_name, language=None, width="stretch")
        if not version.deployed:
            st.button("Deploy", key=f"deploy-{version.model_id}", on_click=_deploy, args=(service, version))


def _deploy(service: str, version: ModelVersion) -> None:
    try:
        for _ in resources.clients()[service].deploy(version, nodes=1):
            pass
    except ServiceError as error:
        # Callbacks run before the page's own place for errors is there.
        st.error(plain(str(error)), icon=":material/error:")
    resources.served_versions.clear()


def show_refused_folders() -> None:
    """Folders under the built-in service's models that it cannot serve, each with the reason."""
    refused = resources.prediction_service().refused
    if not refused:
        return
    st.subheader("Folders that cannot be served", anchor=False)
    for folder in refused:
        with st.container(border=True):
            st.text(f"{folder.family}/{folder.version}")
            st.text(folder.reason)
