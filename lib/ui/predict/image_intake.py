"""Add images from files, the webcam or samples.

Of a file that cannot be read, `lib/workflows/predict.py` keeps the name and the reason (from `lib/images`), and goes on
with the others; this page lists it until it is dismissed.
"""

from dataclasses import replace
from datetime import UTC, datetime

import streamlit as st

from lib.domain.people import Role
from lib.domain.wording import format_count
from lib.store import Store
from lib.ui.addresses import sample_path
from lib.ui.cards import show_thumbnail
from lib.ui.text import escape_markdown, shorten_name, to_local
from lib.ui.uploaded_files import take_upload
from lib.ui.visitor import find_actor, makes_change, may
from lib.web import resources
from lib.web.streamlit_internals import GridContainer, find_visit_id, release_upload
from lib.workflows.prediction_tasks import Upload
from lib.workflows.sessions import dismiss_file_errors

INTAKE_KEY = "ways"
UPLOAD_KEY = "upload"
FOLDER_KEY = "folder"
CAMERA_KEY = "camera"
ALL_SAMPLES_KEY = "all-samples"
DISMISS_KEY = "dismiss-rejected-files"
_ROUND = "upload-round"
_REFUSED = "uploads-refused"
_LAST_SNAPSHOT = "last-snapshot"
_MOST_ERRORS_SHOWN = 20

# Streamlit shows its own limit only until the uploader is emptied. This one is wide, so that files above our limit
# arrive and are listed with an error that stays.
_UPLOAD_LIMIT_MB = 200


def choose_images() -> list[Upload]:
    """Ask for images. Returns those added since the last run, an empty list for none."""
    upload, webcam, samples = st.tabs(["Upload", "Webcam", "Samples"], on_change="rerun", key=INTAKE_KEY)
    with upload:
        uploads = _choose_files()
    # The browser asks for permission to use the camera as soon as the widget exists: draw it only in an open tab.
    if webcam.open:
        with webcam:
            uploads += _take_snapshot()
    if samples.open:
        with samples:
            uploads += _choose_samples()
    _show_refused()
    return uploads


def _choose_files() -> list[Upload]:
    round_ = st.session_state.setdefault(_ROUND, 0)
    is_folder = st.toggle("Upload a folder", key=FOLDER_KEY)
    prompt = "Drop a folder here" if is_folder else "Drop photographs here, or paste them"
    limits = f"up to {resources.LIMITS.upload_bytes >> 20} MB each, {resources.settings().upload_mb:,} MB at once"
    files = st.file_uploader(
        escape_markdown(f"{prompt}, {limits}"),
        accept_multiple_files="directory" if is_folder else True,
        key=f"{UPLOAD_KEY}-{round_}",
        max_upload_size=_UPLOAD_LIMIT_MB,
    )
    uploads = [upload for file in files if (upload := take_upload(file))]
    for file in files:
        release_upload(file)
    if files:
        st.session_state[_ROUND] = round_ + 1  # an uploader with another key is empty
        st.session_state[_REFUSED] = {}
    if files and not uploads:
        st.rerun()
    return uploads


def _show_refused() -> None:
    """Say how many files could not be stored, by reason, until the next upload."""
    visit_id = find_visit_id()
    refused = dict(resources.uploads().take_refused(visit_id)) if visit_id else {}
    st.session_state[_REFUSED] = refused or st.session_state.get(_REFUSED, {})
    for reason, count in st.session_state[_REFUSED].items():
        st.error(escape_markdown(f"{format_count(count, 'file')} not uploaded. {reason}"), icon=":material/error:")


def _take_snapshot() -> list[Upload]:
    snapshot = st.camera_input("Webcam snapshot", resolution="720p", key=CAMERA_KEY)
    if snapshot is None or snapshot.file_id == st.session_state.get(_LAST_SNAPSHOT):
        return []
    st.session_state[_LAST_SNAPSHOT] = snapshot.file_id
    upload = take_upload(snapshot)
    return [replace(upload, name=f"Webcam {to_local(datetime.now(UTC)):%H.%M.%S}.jpg")] if upload else []


def _choose_samples() -> list[Upload]:
    samples = resources.samples()
    is_all = st.button("Predict all samples", key=ALL_SAMPLES_KEY, icon=":material/select_all:")
    grid = st.grid("auto", min_column_width=140, gap="small")
    chosen = [name for name in samples if _choose_sample(grid, name) or is_all]
    return [Upload(name, samples[name].content) for name in chosen]


def _choose_sample(grid: GridContainer, name: str) -> bool:
    """Draw a sample with its button. Returns whether the button was clicked."""
    with grid.cell(), st.container(key=f"sample-cell-{name}"):
        show_thumbnail(sample_path(name), "")
        return st.button(
            escape_markdown(name), key=f"sample-button-{name}", width="stretch", help=f"Predict {escape_markdown(name)}"
        )


def show_file_errors(store: Store, session_id: str) -> None:
    """List the files that could not be added to the session, each with its reason, until they are dismissed."""
    errors = store.images.find_rejected_files(session_id)
    if not errors:
        return
    with st.container(border=True):
        st.markdown(f"**{format_count(len(errors), 'file')} not added**")
        for error in errors[:_MOST_ERRORS_SHOWN]:
            st.text(f"{shorten_name(error.name)}: {error.reason}")
        if len(errors) > _MOST_ERRORS_SHOWN:
            st.caption(f"and {len(errors) - _MOST_ERRORS_SHOWN} more")
        if may(Role.REVIEWER):
            st.button("Dismiss", key=DISMISS_KEY, on_click=_dismiss, args=(store, session_id))


@makes_change
def _dismiss(store: Store, session_id: str) -> None:
    dismiss_file_errors(store, find_actor(), session_id)
