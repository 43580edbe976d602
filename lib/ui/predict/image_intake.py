"""Take in images from files, the webcam and samples, and list the files that could not be added."""

from datetime import UTC, datetime

import streamlit as st
from streamlit.elements.lib.grid_container import GridContainer
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from lib.domain.audit import Action
from lib.store import Store
from lib.ui.addresses import sample_path
from lib.ui.cards import show_thumbnail
from lib.ui.text import escape_markdown, format_count, shorten_name, to_local
from lib.ui.visitor import find_actor, needs
from lib.web import resources
from lib.workflows.prediction_run import Upload
from lib.workflows.sessions import dismiss_file_errors

UPLOAD_KEY = "upload"
FOLDER_KEY = "folder"
CAMERA_KEY = "camera"
ALL_SAMPLES_KEY = "all-samples"
INTAKE_KEY = "ways"
_ROUND = "upload-round"
_LEFT_OUT = "uploads-left-out"
_SEEN_SNAPSHOT = "seen-snapshot"

# Streamlit's own limit only says its sentence until the uploader is emptied: leave it wide, so that files over ours
# are taken in and refused with a sentence that stays.
_UPLOAD_LIMIT_MB = 200


def choose_images() -> list[Upload]:
    """Ask for images; gives those brought since the last time, empty for none."""
    upload, webcam, samples = st.tabs(["Upload", "Webcam", "Samples"], on_change="rerun", key=INTAKE_KEY)
    with upload:
        uploads = _choose_files()
    # The browser asks for the camera as soon as the widget is there: only draw it in an open tab.
    if webcam.open:
        with webcam:
            uploads += _take_snapshot()
    if samples.open:
        with samples:
            uploads += _choose_samples()
    return uploads


def _choose_files() -> list[Upload]:
    round_ = st.session_state.setdefault(_ROUND, 0)
    whole_folder = st.toggle("A whole folder", key=FOLDER_KEY)
    what = "Drop a folder here" if whole_folder else "Drop photographs here, or paste them"
    most = f"up to {resources.LIMITS.upload_bytes >> 20} MB each, {resources.settings().upload_mb:,} MB at once"
    files = st.file_uploader(
        escape_markdown(f"{what}, {most}"),
        accept_multiple_files="directory" if whole_folder else True,
        key=f"{UPLOAD_KEY}-{round_}",
        max_upload_size=_UPLOAD_LIMIT_MB,
    )
    if files:
        # An uploader of another key is empty.
        st.session_state[_ROUND] = round_ + 1
        st.session_state[_LEFT_OUT] = _count_left_out()
    if st.session_state.get(_LEFT_OUT):
        st.error(escape_markdown(_describe_left_out(st.session_state[_LEFT_OUT])), icon=":material/error:")
    return [_receive(file) for file in files]


def _count_left_out() -> int:
    """How many files there was no room for in memory since the last ones came."""
    visit = get_script_run_ctx()
    return resources.upload_limits().take_refused(visit.session_id) if visit else 0


def _describe_left_out(count: int) -> str:
    most_mb = resources.settings().upload_mb
    return f"No room for {format_count(count, 'file')}: {most_mb:,} MB fit at once. Upload the rest in parts."


def _receive(file: UploadedFile) -> Upload:
    """The file, which Streamlit itself would otherwise keep in memory until the visitor leaves."""
    upload = Upload(file.name, file.getvalue())
    visit = get_script_run_ctx()
    if visit and isinstance(visit.uploaded_file_mgr, MemoryUploadedFileManager):
        resources.upload_limits().keep(visit.session_id, upload, len(upload.content))
        visit.uploaded_file_mgr.remove_file(visit.session_id, file.file_id)
    return upload


def _take_snapshot() -> list[Upload]:
    snapshot = st.camera_input("Take a webcam snapshot", resolution="720p", key=CAMERA_KEY)
    if snapshot is None or snapshot.file_id == st.session_state.get(_SEEN_SNAPSHOT):
        return []
    st.session_state[_SEEN_SNAPSHOT] = snapshot.file_id
    return [Upload(f"Webcam {to_local(datetime.now(UTC)):%H.%M.%S}.jpg", snapshot.getvalue())]


def _choose_samples() -> list[Upload]:
    prepared = resources.samples()
    everything = st.button("Predict all samples", key=ALL_SAMPLES_KEY, icon=":material/select_all:")
    grid = st.grid("auto", min_column_width=140, gap="small")
    chosen = [name for name in prepared if _show_sample(grid, name) or everything]
    return [Upload(name, prepared[name].content) for name in chosen]


def _show_sample(grid: GridContainer, name: str) -> bool:
    """A photograph to click on; gives whether it was."""
    with grid.cell(), st.container(key=f"sample-cell-{name}"):
        show_thumbnail(sample_path(name), "")
        return st.button(
            escape_markdown(name), key=f"sample-button-{name}", width="stretch", help=f"Predict {escape_markdown(name)}"
        )


DISMISS_KEY = "dismiss-refusals"
_MOST_ERRORS_SHOWN = 20


def show_file_errors(store: Store, session_id: str) -> None:
    """Each file's name and the sentence that says why it is not among the cards."""
    refusals = store.find_refusals(session_id)
    if not refusals:
        return
    with st.container(border=True):
        st.markdown(f"**Not added** ({len(refusals)})")
        for refusal in refusals[:_MOST_ERRORS_SHOWN]:
            st.text(f"{shorten_name(refusal.name)}: {refusal.reason}")
        if len(refusals) > _MOST_ERRORS_SHOWN:
            st.caption(f"and {len(refusals) - _MOST_ERRORS_SHOWN} more")
        st.button("Dismiss", key=DISMISS_KEY, on_click=_dismiss, args=(store, session_id))


@needs(Action.DISMISS_FILE_ERRORS)
def _dismiss(store: Store, session_id: str) -> None:
    dismiss_file_errors(store, find_actor(), session_id)
