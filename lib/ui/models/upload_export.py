"""Takes in exports of AutoML Vision Edge, to be served by the built-in service at once."""

import re
from functools import partial

import streamlit as st

from lib.clients.automl_servers import BUILT_IN
from lib.domain.audit import Action
from lib.domain.person import Role
from lib.errors import UnservableModel
from lib.serving import ServedModel
from lib.ui import resources, services
from lib.ui.frame import Page
from lib.ui.sign_in.rights import may, needs
from lib.ui.visitor import find_actor
from lib.ui.words import plain, say_count
from lib.workflows.deployments import upload_model

FILES_KEY = "export-files"
FAMILY_KEY = "export-family"
VERSION_KEY = "export-version"
SERVE_KEY = "serve-export"
_KINDS = ["zip", "tflite", "txt", "json"]


def takes_uploads(page: Page) -> bool:
    """Whether the chosen service is the built-in one, as no other is fed from here, and the visitor may feed it."""
    return page.choice.service == BUILT_IN and may(Role.ADMIN)


def show_upload(page: Page) -> None:
    """Ask for the files of an export and for its names, and serve it; or say why it cannot be."""
    st.caption(
        "An export of AutoML Vision Edge for TFLite: a zip of its folder, or the files model.tflite and dict.txt. An"
        " evaluation.json may lie beside them. It is kept in the models folder, for everyone who uses this server."
    )
    with st.form("export", clear_on_submit=False):
        files = st.file_uploader(
            "Export, up to 200 MB", type=_KINDS, accept_multiple_files=True, key=FILES_KEY, max_upload_size=200
        )
        families = list(dict.fromkeys(version.family for version in page.choice.served or []))
        with st.container(horizontal=True, vertical_alignment="bottom"):
            family = st.selectbox("Family", families, key=FAMILY_KEY, accept_new_options=True, width=260)
            version = st.text_input("Version", _next_version(page), key=VERSION_KEY, max_chars=64, width=180)
            asked = st.form_submit_button("Serve it", type="primary", key=SERVE_KEY)
    if asked:
        given = {file.name: file.getvalue() for file in files or []}
        _serve((family or "").strip(), (version or "").strip(), given)


def _next_version(page: Page) -> str:
    """One more than the highest number among the versions of the chosen family."""
    numbers = [int(number) for name in page.versions for number in re.findall(r"\d+", name)]
    return f"v{max(numbers, default=0) + 1}"


@needs(Action.UPLOAD_MODEL)
def _serve(family: str, version: str, files: dict[str, bytes]) -> None:
    if not files:
        st.error("Choose the files of an export first.", icon=":material/error:")
        return
    try:
        service = resources.prediction_service()
        name, add = f"{family} {version}", partial(service.add_export, family, version, files)
        with st.spinner("Checking…"):
            served = upload_model(resources.store(), find_actor(), name, add)
    except UnservableModel as error:
        st.error(plain(f"This cannot be served: {error}."), icon=":material/error:")
        return
    services.served_versions.clear()
    st.success(plain(_say(served)), icon=":material/check_circle:")


def _say(served: ServedModel) -> str:
    kind = "several labels an image" if served.multi_label else "one label an image"
    labels = say_count(len(served.labels), "label")
    return (
        f"{served.family} {served.version} is served now: {labels}, {kind}, {served.export.model_type}."
        " Choose it in the sidebar."
    )
