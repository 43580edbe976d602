"""The Upload tab: add an export of AutoML Vision Edge to the models of the built-in provider."""

import re
from collections.abc import Sequence
from functools import partial

import streamlit as st

from lib.domain.people import Role
from lib.domain.wording import format_count
from lib.errors import UnclearLabels, UnservableModel
from lib.providers.automl_servers import BUILT_IN
from lib.serving import ServedModel
from lib.ui.frame import Page
from lib.ui.text import escape_markdown
from lib.ui.uploaded_files import discard_uploads, read_upload
from lib.ui.visitor import find_actor, makes_change, may
from lib.web import providers, resources
from lib.web.streamlit_internals import UploadedFile
from lib.workflows.deployments import upload_model

FILES_KEY = "export-files"
FAMILY_KEY = "export-family"
VERSION_KEY = "export-version"
UPLOAD_KEY = "serve-export"
CLEAN_LABELS_KEY = "clean-labels"
_UNCLEAR = "unclear-labels"
_SUGGESTED = "suggested-version"
_MAX_DIGITS = 3  # longer numbers are years, dates or commits
_EXTENSIONS = ["zip", "tflite", "txt", "json"]


def may_upload(page: Page) -> bool:
    """Report whether the built-in provider is chosen, and the visitor may add models to it."""
    return page.choice.provider == BUILT_IN and may(Role.ADMIN)


def show_upload(page: Page) -> None:
    """Ask for the files of an export and its names, and deploy it, or explain why it cannot be deployed."""
    st.caption(
        "Upload a TFLite export of AutoML Vision Edge: a ZIP file of its folder, or the files model.tflite and"
        " dict.txt, optionally with evaluation.json. Everyone who uses this server can predict with it."
    )
    families = list(dict.fromkeys(version.family for version in page.choice.served or []))
    files = st.file_uploader(
        "Export, up to 200 MB", type=_EXTENSIONS, accept_multiple_files=True, key=FILES_KEY, max_upload_size=200
    )
    # Not in a form, because the suggested version depends on the family.
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox("Family", families, key=FAMILY_KEY, accept_new_options=True, width=260)
        family = (chosen or "").strip()
        _suggest_version(page, family)
        version = st.text_input("Version", key=VERSION_KEY, max_chars=64, width=180)
        deploy = st.button("Deploy model", type="primary", key=UPLOAD_KEY)
    clean_labels = _choose_cleaning(files or [])
    if deploy:
        _deploy(family, (version or "").strip(), files or [], clean_labels)


def _choose_cleaning(files: Sequence[UploadedFile]) -> bool | None:
    """Ask whether to clean the labels of these files; None if they are not known to need it."""
    unclear_ids, notice = st.session_state.get(_UNCLEAR, ([], ""))
    if not notice or unclear_ids != [file.file_id for file in files]:
        return None
    st.warning(escape_markdown(notice), icon=":material/label:")
    return st.checkbox("Remove leading numbers and b'…' from labels", value=True, key=CLEAN_LABELS_KEY)


def _suggest_version(page: Page, family: str) -> None:
    """Suggest the next version of the family, unless the visitor typed one."""
    served = [version.version for version in page.choice.served or [] if version.family == family]
    rejected = [folder.version for folder in resources.prediction_service().refused if folder.family == family]
    suggested = find_next_version([*served, *rejected])
    if st.session_state.get(VERSION_KEY) in {None, "", st.session_state.get(_SUGGESTED)}:
        st.session_state[VERSION_KEY] = suggested
    st.session_state[_SUGGESTED] = suggested


def find_next_version(names: Sequence[str]) -> str:
    """Return an unused version name, with a number above the count of `names` and above all numbers in them."""
    numbers = [int(number) for name in names for number in re.findall(r"\d+", name) if len(number) <= _MAX_DIGITS]
    return f"v{max(len(names), *numbers, 0) + 1}"


@makes_change
def _deploy(family: str, version: str, files: Sequence[UploadedFile], clean_labels: bool | None) -> None:
    if not files:
        st.error("Select the files of an export first.", icon=":material/error:")
        return
    contents = {file.name: read_upload(file) for file in files}
    provider = resources.prediction_service()
    add = partial(provider.add_export, family, version, contents, clean_labels=clean_labels)
    try:
        with st.spinner("Checking…"):
            served = upload_model(resources.store(), find_actor(), f"{family} {version}", add)
    except UnclearLabels as error:
        st.session_state[_UNCLEAR] = [file.file_id for file in files], str(error)
        # The checkbox that asks about cleaning is above.
        st.rerun()
    except UnservableModel as error:
        st.error(escape_markdown(f"This model cannot be deployed: {error}."), icon=":material/error:")
        return
    st.session_state.pop(_UNCLEAR, None)
    discard_uploads(files)
    providers.served_versions.clear()
    st.success(escape_markdown(_describe_deployed(served)), icon=":material/check_circle:")
    for notice in served.export.notices:
        st.warning(escape_markdown(notice), icon=":material/label:")


def _describe_deployed(served: ServedModel) -> str:
    kind = "multi-label" if served.multi_label else "single-label"
    labels = format_count(len(served.labels), "label")
    return (
        f"{served.family} {served.version} is deployed: {labels}, {kind}, {served.export.model_type}."
        " Select it in the sidebar."
    )
