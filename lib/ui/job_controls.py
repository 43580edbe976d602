"""Controls that start, retry, continue, follow and stop background predictions."""

from collections.abc import Mapping, Sequence

import streamlit as st

from lib.domain.jobs import JobKind
from lib.domain.people import Role
from lib.domain.predictions import Coverage, ModelVersion
from lib.domain.sessions import Session
from lib.domain.wording import format_count
from lib.store import Store
from lib.ui.current_session import start_session
from lib.ui.frame import Page
from lib.ui.text import NOT_PREDICTED, describe_progress, escape_markdown, format_images
from lib.ui.visitor import find_actor, live, makes_change, may
from lib.web import resources
from lib.workflows.job_registry import AnyJob, stop_job
from lib.workflows.predict import discard_unfinished, predict_missing, predict_uploads, retry_failed, retry_unfinished
from lib.workflows.prediction_tasks import Upload

PREDICT_KEY = "predict-missing"
RETRY_KEY = "retry-failed"
STOP_KEY = "stop"
RETRY_WAITING_KEY = "retry-waiting"
CONTINUE_KEY = "continue"
DISCARD_KEY = "discard"
_WAITING = "uploads-waiting"
_EVERY_S = 0.5
_NO_COVERAGE = Coverage(predictions=0, failures=0)


@makes_change
def start_predictions(page: Page, uploads: Sequence[Upload]) -> None:
    """Add the images to the session, or to a new one, and predict them with the chosen versions.

    Those that the store could not list are kept, and added with the next ones or by a click.
    """
    waiting: list[Upload] = st.session_state.get(_WAITING, [])
    is_retry = bool(waiting) and _offer_waiting(len(waiting))
    if not uploads and not is_retry:
        return
    st.session_state[_WAITING] = [*waiting, *uploads]
    session = page.session or start_session(page.store)
    predict_uploads(page.context, find_actor(), session.id, list(page.versions.values()), st.session_state[_WAITING])
    st.session_state[_WAITING] = []
    st.rerun()


def _offer_waiting(count: int) -> bool:
    """Say that files wait because the store was not available. Returns whether the visitor wants to try again."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.warning(f"{format_count(count, 'file')} uploaded, but not added yet.", icon=":material/hourglass:")
        return st.button("Retry", key=RETRY_WAITING_KEY, type="primary")


def offer_unfinished(page: Page, session: Session) -> bool:
    """Show why jobs of the session failed, with buttons that continue or discard what is left of them.

    Returns whether there are any.
    """
    unfinished = resources.jobs().find_unfinished(session.id)
    for job in unfinished:
        with st.container(border=True):
            st.error(escape_markdown(job.error), icon=":material/error:")
            st.markdown(escape_markdown(_describe_left(page.store, job)))
            with st.container(horizontal=True):
                key, args = job.id, (page.store, job)
                st.button("Retry", key=f"{CONTINUE_KEY}-{key}", type="primary", on_click=_continue, args=args)
                st.button("Discard", key=f"{DISCARD_KEY}-{key}", on_click=_discard, args=args)
    return bool(unfinished)


def _describe_left(store: Store, job: AnyJob) -> str:
    progress = job.progress()
    waiting = store.incoming.count(job.id, waiting=True)
    files = f"{format_count(waiting, 'file')} not added yet; " if waiting else ""
    return f"{files}{progress.total - progress.done:,} of {format_count(progress.total, 'prediction')} not made."


@makes_change
def _continue(store: Store, job: AnyJob) -> None:
    retry_unfinished(store, resources.jobs(), find_actor(), job)


@makes_change
def _discard(store: Store, job: AnyJob) -> None:
    discard_unfinished(store, resources.jobs(), find_actor(), job)


def offer_predictions(page: Page, session: Session) -> None:
    """Draw buttons for missing and for failed predictions of the chosen versions, where there are any."""
    coverage = page.store.predictions.find_coverage(session.id)
    counts = {name: coverage.get(version, _NO_COVERAGE) for name, version in page.versions.items()}
    missing = {name: session.image_count - count.predictions - count.failures for name, count in counts.items()}
    failed = {name: count.failures for name, count in counts.items()}
    _offer(page, session, missing, retry=False)
    _offer(page, session, failed, retry=True)


def _offer(page: Page, session: Session, counts: Mapping[str, int], *, retry: bool) -> None:
    names = [name for name, count in counts.items() if count > 0]
    if not names:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Retry failed" if retry else "Predict",
            key=RETRY_KEY if retry else PREDICT_KEY,
            type="secondary" if retry else "primary",
            on_click=predict,
            args=(page, session.id, [page.versions[name] for name in names]),
            kwargs={"retry": retry},
        )
        if retry:
            text = "; ".join(f"{name} failed on {format_images(counts[name])}" for name in names)
        else:
            text = f"{NOT_PREDICTED}: " + "; ".join(f"{name}, {format_images(counts[name])}" for name in names)
        st.markdown(escape_markdown(text))


@makes_change
def predict(page: Page, session_id: str, versions: Sequence[ModelVersion], *, retry: bool = False) -> None:
    """Predict the session's images that a version has no record of or, with `retry`, where it failed."""
    start = retry_failed if retry else predict_missing
    start(page.context, find_actor(), session_id, versions)


def find_running_job(kind: JobKind, session_id: str) -> AnyJob | None:
    """Return the session's oldest running job of a kind, if any."""
    return next(iter(resources.jobs().find_running(kind, session_id)), None)


def show_progress(job: AnyJob, *, redraw: bool) -> None:
    """Draw a progress bar that updates by itself; redraws the page when the job ends.

    With `redraw`, the page is also redrawn when predictions arrive, because something on it waits for them.
    """
    _follow(job, job.progress().done if redraw else None)


@live(_EVERY_S)
def _follow(job: AnyJob, drawn: int | None) -> None:
    progress = job.progress()
    if progress.ended or (drawn is not None and progress.done > drawn):
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(progress.share, text=escape_markdown(describe_progress(progress)))
        if may(Role.REVIEWER):
            st.button("Stop", key=STOP_KEY, icon=":material/stop:", on_click=_stop, args=(job,))


@makes_change
def _stop(job: AnyJob) -> None:
    stop_job(resources.store(), find_actor(), job)
