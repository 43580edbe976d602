"""Files to take along: built on a click, with progress, and streamed from the disk."""

import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import streamlit as st

from lib.domain.sessions import Session
from lib.errors import AppError
from lib.store import Store
from lib.ui.addresses import export_path
from lib.ui.comparison_settings import choose_margin, choose_threshold
from lib.ui.frame import Page
from lib.ui.text import escape_markdown
from lib.ui.visitor import find_actor, find_link_actor
from lib.web import resources
from lib.web.sign_in import is_on
from lib.workflows.exports.csv_file import write_csv
from lib.workflows.exports.deliver import start_export
from lib.workflows.exports.job import ExportJob
from lib.workflows.exports.json_lines import write_json_lines
from lib.workflows.exports.report import write_report
from lib.workflows.exports.rows import Advance, Selection

_JOB_KEY = "export-job"
_VISIT = "export-visit"
_EVERY_S = 0.5

_Writer = Callable[[Store, Selection, Advance], Iterator[bytes]]


def _write_report(store: Store, selection: Selection, advance: Advance) -> Iterator[bytes]:
    return write_report(store, selection, datetime.now(UTC), advance, resources.image_workers())


# Kind: what it is for, ending, media type, writer.
_KINDS: dict[str, tuple[str, str, str, _Writer]] = {
    "Report": (
        "one HTML file with verdict, charts, regressions, all images and their hashes: to be mailed, printed and kept",
        "html",
        "text/html; charset=utf-8",
        _write_report,
    ),
    "CSV": ("a row for each image and version, for spreadsheets", "csv", "text/csv; charset=utf-8", write_csv),
    "JSON Lines": (
        "all scores, in the shape of AutoML's batch predictions",
        "jsonl",
        "application/jsonl; charset=utf-8",
        write_json_lines,
    ),
}


def offer_exports(page: Page, session: Session) -> None:
    """A button for each kind of file, and the file once it is built."""
    # Asked here too: the address forgets a question that is not drawn, and the file would be another one.
    with st.container(horizontal=True, vertical_alignment="bottom"):
        selection = Selection(session, page.versions, choose_threshold(width=220), choose_margin())
    for kind, (purpose, *_) in _KINDS.items():
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(
                escape_markdown(kind), key=f"export-{kind}", on_click=_start, args=(page, kind, selection), width=130
            )
            st.markdown(escape_markdown(purpose))
    job = st.session_state.get(f"{_JOB_KEY}-{session.id}")
    if isinstance(job, ExportJob):
        _follow(job)


def _start(page: Page, kind: str, selection: Selection) -> None:
    _, ending, media_type, write = _KINDS[kind]
    store, session = page.store, selection.session
    try:
        actor = find_link_actor(store) if page.by_link else find_actor()
        job = ExportJob(
            f"{make_file_name(session.title)}.{ending}",
            media_type,
            session.image_count,
            owner=actor.name if page.by_link or is_on() else _find_visit(),
            session_id=session.id,
        )
        start_export(store, actor, resources.exports(), job, lambda advance: write(store, selection, advance))
    except AppError as error:
        st.toast(escape_markdown(str(error)), icon=":material/lock:")
    else:
        st.session_state[f"{_JOB_KEY}-{session.id}"] = job


def _find_visit() -> str:
    """What tells this visit from others where nobody signs in: a typed name may be anybody's."""
    visit: str = st.session_state.setdefault(_VISIT, secrets.token_hex(8))
    return visit


def make_file_name(title: str) -> str:
    """A title as a file may be called anywhere."""
    name = "".join(mark if mark.isalnum() or mark in " ,._-" else "-" for mark in title)
    return name.strip(" .-")[:80] or "session"


def _follow(job: ExportJob) -> None:
    if job.finished:
        words = f"Download {job.name}"
        st.link_button(escape_markdown(words), export_path(job.token), type="primary", icon=":material/download:")
    elif job.failure:
        st.error(escape_markdown(job.failure), icon=":material/error:")
    else:
        _show_progress(job)


@st.fragment(run_every=_EVERY_S)
def _show_progress(job: ExportJob) -> None:
    if job.finished or job.failure:
        st.rerun()
    st.progress(job.share, text=f"{job.done:,} of {job.total:,} images")
