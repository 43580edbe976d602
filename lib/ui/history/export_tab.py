"""The Export tab: files that are built on a click, with progress, and downloaded from disk."""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

import streamlit as st

from lib.domain.sessions import Session
from lib.domain.wording import format_count
from lib.errors import AppError
from lib.store import Store
from lib.ui.addresses import export_path
from lib.ui.comparison_settings import choose_grouping, choose_margin, choose_threshold
from lib.ui.frame import Page
from lib.ui.text import escape_markdown
from lib.ui.visitor import find_actor, find_link_actor
from lib.web import resources
from lib.web.sign_in import is_on
from lib.workflows.exports.csv_file import write_csv
from lib.workflows.exports.deliver import start_export
from lib.workflows.exports.export_queue import ExportFile, ExportRequest
from lib.workflows.exports.json_lines import write_json_lines
from lib.workflows.exports.report import write_report
from lib.workflows.exports.rows import Advance, Selection
from lib.workflows.jobs import Job

_JOB_KEY = "export-job"
_VISIT = "export-visit"
_EVERY_S = 0.5
_MOST_NAME_CHARS = 80


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """A kind of file: what it contains, its extension and media type, and the function that writes it."""

    contents: str
    extension: str
    media_type: str
    write: Callable[[Store, Selection, Advance], Iterator[bytes]]


def _write_report(store: Store, selection: Selection, advance: Advance) -> Iterator[bytes]:
    return write_report(store, selection, datetime.now(UTC), advance, resources.image_workers())


_FORMATS = {
    "Report": ExportFormat(
        "One HTML file to send, print or archive: verdict, charts, regressions, and all images with their hashes",
        "html",
        "text/html; charset=utf-8",
        _write_report,
    ),
    "CSV": ExportFormat("One row for each image and version", "csv", "text/csv; charset=utf-8", write_csv),
    "JSON Lines": ExportFormat(
        "All scores, in the format of AutoML batch predictions",
        "jsonl",
        "application/jsonl; charset=utf-8",
        write_json_lines,
    ),
}


def offer_exports(page: Page, session: Session) -> None:
    """Draw a button for each format, and the file's progress and download."""
    # The address drops the settings of widgets that are not drawn, and the file would use other ones.
    review = page.store.reviews.get(session.id)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        selection = Selection(
            session, page.versions, choose_threshold(220, review), choose_margin(review), choose_grouping()
        )
    for name, format_ in _FORMATS.items():
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(
                escape_markdown(f"Export {name}"),
                key=f"export-{name}",
                on_click=_start,
                args=(page, format_, selection),
                width=170,
            )
            st.markdown(escape_markdown(format_.contents))
    job = st.session_state.get(f"{_JOB_KEY}-{session.id}")
    if job:
        _show_job(job)


def _start(page: Page, format_: ExportFormat, selection: Selection) -> None:
    store, session = page.store, selection.session
    try:
        actor = find_link_actor(store) if page.by_link else find_actor()
        request = ExportRequest(
            f"{make_file_name(session.title)}.{format_.extension}",
            format_.media_type,
            session.id,
            session.image_count,
            owner=actor.name if page.by_link or is_on() else _find_visit(),
            requested_by=actor.name,
        )
        write = partial(format_.write, store, selection)
        job = start_export(store, actor, resources.exports(), request, write)
    except AppError as error:
        st.toast(escape_markdown(str(error)), icon=":material/lock:")
    else:
        st.session_state[f"{_JOB_KEY}-{session.id}"] = job


def _find_visit() -> str:
    """Return a secret of this visit, which owns files where nobody signs in: anyone may type anyone's name."""
    visit: str = st.session_state.setdefault(_VISIT, secrets.token_hex(8))
    return visit


def make_file_name(title: str) -> str:
    """Return the title as a file name, without an extension, that every operating system accepts."""
    name = "".join(char if char.isalnum() or char in " ,._-" else "-" for char in title)
    return name.strip(" .-")[:_MOST_NAME_CHARS] or "session"


def _show_job(job: Job[ExportFile]) -> None:
    if job.error:
        st.error(escape_markdown(job.error), icon=":material/error:")
    elif job.result:
        label = f"Download {job.title}"
        st.link_button(escape_markdown(label), export_path(job.id), type="primary", icon=":material/download:")
    else:
        _show_progress(job)


@st.fragment(run_every=_EVERY_S)
def _show_progress(job: Job[ExportFile]) -> None:
    progress = job.progress()
    if progress.ended or job.error:
        st.rerun()
    st.progress(progress.share, text=f"{progress.done:,} of {format_count(progress.total, 'image')}")
