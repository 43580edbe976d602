"""Three ways to bring images: upload, webcam, samples."""

from datetime import datetime

import streamlit as st
from streamlit.elements.lib.grid_container import GridContainer
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from lib.domain.image import PreparedImage
from lib.ui import resources
from lib.ui.words import plain
from lib.workflows.prediction_run import Upload

UPLOAD_KEY = "upload"
FOLDER_KEY = "folder"
CAMERA_KEY = "camera"
ALL_SAMPLES_KEY = "all-samples"
WAYS_KEY = "ways"
_ROUND = "upload-round"
_SEEN_SNAPSHOT = "seen-snapshot"

# Streamlit's own limit only says its sentence until the uploader is emptied: leave it wide, so that files over ours
# are taken in and refused with a sentence that stays.
_UPLOAD_LIMIT_MB = 200
_MOST = f"{resources.LIMITS.upload_bytes >> 20} MB each"


def choose_images() -> list[Upload]:
    """Ask for images; gives those brought since the last time, empty for none."""
    upload, webcam, samples = st.tabs(["Upload", "Webcam", "Samples"], on_change="rerun", key=WAYS_KEY)
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
    files = st.file_uploader(
        f"{'Drop a folder here' if whole_folder else 'Drop photographs here, or paste them'}, up to {_MOST}",
        accept_multiple_files="directory" if whole_folder else True,
        key=f"{UPLOAD_KEY}-{round_}",
        max_upload_size=_UPLOAD_LIMIT_MB,
    )
    if files:
        # An uploader of another key is empty.
        st.session_state[_ROUND] = round_ + 1
    return [_take_over(file) for file in files]


def _take_over(file: UploadedFile) -> Upload:
    """The file, which Streamlit itself would otherwise keep in memory until the visitor leaves."""
    upload = Upload(file.name, file.getvalue())
    visit = get_script_run_ctx()
    if visit and isinstance(visit.uploaded_file_mgr, MemoryUploadedFileManager):
        visit.uploaded_file_mgr.remove_file(visit.session_id, file.file_id)
    return upload


def _take_snapshot() -> list[Upload]:
    snapshot = st.camera_input("Take a webcam snapshot", resolution="720p", key=CAMERA_KEY)
    if snapshot is None or snapshot.file_id == st.session_state.get(_SEEN_SNAPSHOT):
        return []
    st.session_state[_SEEN_SNAPSHOT] = snapshot.file_id
    return [Upload(f"Webcam {datetime.now():%H.%M.%S}.jpg", snapshot.getvalue())]  # noqa: DTZ005 - a name to tell apart


def _choose_samples() -> list[Upload]:
    prepared = resources.samples()
    everything = st.button("Predict all samples", key=ALL_SAMPLES_KEY, icon=":material/select_all:")
    grid = st.grid("auto", min_column_width=140, gap="small")
    chosen = [name for name, sample in prepared.items() if _show_sample(grid, name, sample) or everything]
    return [Upload(name, prepared[name].content) for name in chosen]


def _show_sample(grid: GridContainer, name: str, sample: PreparedImage) -> bool:
    """A photograph to click on; gives whether it was."""
    with grid.cell(), st.container(key=f"sample-cell-{name}"):
        st.image(sample.thumbnail, alt="", width="stretch")
        return st.button(plain(name), key=f"sample-button-{name}", width="stretch", help=f"Predict {plain(name)}")
