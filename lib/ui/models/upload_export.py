"""Takes in exports of AutoML Vision Edge, to be served by the built-in service at once."""

import re
from collections.abc import Sequence
from functools import partial

import streamlit as st

from lib.domain.audit import Action
from lib.domain.people import Role
from lib.domain.wording import format_count
from lib.errors import UnclearLabels, UnservableModel
from lib.providers.automl_servers import BUILT_IN
from lib.serving import ServedModel
from lib.ui import providers
from lib.ui.frame import Page
from lib.ui.text import escape_markdown
from lib.ui.visitor import find_actor, may, needs
from lib.web import resources
from lib.web.streamlit_internals import UploadedFile
from lib.workflows.deployments import upload_model

FILES_KEY = "export-files"
FAMILY_KEY = "export-family"
VERSION_KEY = "export-version"
SERVE_KEY = "serve-export"
CLEAN_KEY = "clean-labels"
_UNCLEAR = "unclear-labels"
_SUGGESTED = "suggested-version"
_MOST_DIGITS = 3  # longer numbers are years, days and commits
_KINDS = ["zip", "tflite", "txt", "json"]


def takes_uploads(page: Page) -> bool:
    """Whether the chosen service is the built-in one, as no other is fed from here, and the visitor may feed it."""
    return page.choice.provider == BUILT_IN and may(Role.ADMIN)


def show_upload(page: Page) -> None:
    """Ask for the files of an export and for its names, and serve it; or say why it cannot be."""
    st.caption(
        "An export of AutoML Vision Edge for TFLite: a zip of its folder, or the files model.tflite and dict.txt. An"
        " evaluation.json may lie beside them. It is kept in the models folder, for everyone who uses this server."
    )
    families = list(dict.fromkeys(version.family for version in page.choice.served or []))
    files = st.file_uploader(
        "Export, up to 200 MB", type=_KINDS, accept_multiple_files=True, key=FILES_KEY, max_upload_size=200
    )
    # In no form, which would send nothing before it is complete: the version that is suggested depends on the family.
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox("Family", families, key=FAMILY_KEY, accept_new_options=True, width=260)
        family = (chosen or "").strip()
        _suggest_version(page, family)
        version = st.text_input("Version", key=VERSION_KEY, max_chars=64, width=180)
        asked = st.button("Serve it", type="primary", key=SERVE_KEY)
    clean_labels = _choose_cleaning(files or [])
    if asked:
        _serve(family, (version or "").strip(), files or [], clean_labels)


def _choose_cleaning(files: Sequence[UploadedFile]) -> bool | None:
    """Whether to clean the labels of these files; None until they were found to need it."""
    unclear_ids, notice = st.session_state.get(_UNCLEAR, ([], ""))
    if not notice or unclear_ids != [file.file_id for file in files]:
        return None
    st.warning(escape_markdown(notice), icon=":material/label:")
    return st.checkbox("Remove leading numbers and b'…' from labels", value=True, key=CLEAN_KEY)


def _suggest_version(page: Page, family: str) -> None:
    """Have the field show the next version of the family, unless somebody typed another one."""
    served = [version.version for version in page.choice.served or [] if version.family == family]
    refused = [each.version for each in resources.prediction_service().refused if each.family == family]
    suggested = find_next_version([*served, *refused])
    if st.session_state.get(VERSION_KEY) in {None, "", st.session_state.get(_SUGGESTED)}:
        st.session_state[VERSION_KEY] = suggested
    st.session_state[_SUGGESTED] = suggested


def find_next_version(names: Sequence[str]) -> str:
    """A name that none of a family's versions has: above their number, and above the highest number in their names."""
    numbers = [int(number) for name in names for number in re.findall(r"\d+", name) if len(number) <= _MOST_DIGITS]
    return f"v{max(len(names), *numbers, 0) + 1}"


@needs(Action.UPLOAD_MODEL)
def _serve(family: str, version: str, files: Sequence[UploadedFile], clean_labels: bool | None) -> None:
    if not files:
        st.error("Select the files of an export first.", icon=":material/error:")
        return
    given = {file.name: file.getvalue() for file in files}
    provider = resources.prediction_service()
    add = partial(provider.add_export, family, version, given, clean_labels=clean_labels)
    try:
        with st.spinner("Checking…"):
            served = upload_model(resources.store(), find_actor(), f"{family} {version}", add)
    except UnclearLabels as error:
        st.session_state[_UNCLEAR] = [file.file_id for file in files], str(error)
        # The question stands in the form, above.
        st.rerun()
    except UnservableModel as error:
        st.error(escape_markdown(f"This model cannot be served: {error}."), icon=":material/error:")
        return
    st.session_state.pop(_UNCLEAR, None)
    providers.served_versions.clear()
    st.success(escape_markdown(_say(served)), icon=":material/check_circle:")
    for notice in served.export.notices:
        st.warning(escape_markdown(notice), icon=":material/label:")


def _say(served: ServedModel) -> str:
    kind = "several labels an image" if served.multi_label else "one label an image"
    labels = format_count(len(served.labels), "label")
    return (
        f"{served.family} {served.version} is served now: {labels}, {kind}, {served.export.model_type}."
        " Choose it in the sidebar."
    )
