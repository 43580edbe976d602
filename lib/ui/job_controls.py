"""Controls that start, retry, follow and stop background predictions."""

from collections.abc import Mapping, Sequence

import streamlit as st

from lib.domain.jobs import JobKind
from lib.domain.predictions import Coverage, ModelVersion
from lib.domain.sessions import Session
from lib.ui.current_session import start_session
from lib.ui.frame import Page
from lib.ui.text import NOT_PREDICTED, describe_progress, escape_markdown, format_images
from lib.ui.visitor import find_actor, live, makes_change
from lib.web import resources
from lib.workflows.jobs import Job, stop_job
from lib.workflows.predict import Upload, predict_missing, predict_uploads, retry_failed

PREDICT_KEY = "predict-missing"
RETRY_KEY = "retry-failed"
STOP_KEY = "stop"
_EVERY_S = 0.5
_NO_COVERAGE = Coverage(predictions=0, failures=0)


@makes_change
def start_predictions(page: Page, uploads: Sequence[Upload]) -> None:
    """Add the images to the session, or to a new one, and predict them with the chosen versions."""
    if not uploads:
        return
    session = page.session or start_session(page.store)
    job = predict_uploads(page.context, find_actor(), session.id, list(page.versions.values()), uploads)
    resources.jobs().add(job)
    st.rerun()


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
    resources.jobs().add(start(page.context, find_actor(), session_id, versions))


def find_running_job(kind: JobKind, session_id: str) -> Job[None] | None:
    """Return the session's oldest running job of a kind, if any."""
    return next(iter(resources.jobs().find_running(kind, session_id)), None)


def show_progress(job: Job[None], *, redraw: bool) -> None:
    """Draw a progress bar that updates by itself; redraws the page when the job ends.

    With `redraw`, the page is also redrawn when predictions arrive, because something on it waits for them.
    """
    _follow(job, job.progress().done if redraw else None)


@live(_EVERY_S)
def _follow(job: Job[None], drawn: int | None) -> None:
    progress = job.progress()
    if progress.ended or (drawn is not None and progress.done > drawn):
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(progress.share, text=escape_markdown(describe_progress(progress)))
        st.button("Stop", key=STOP_KEY, icon=":material/stop:", on_click=_stop, args=(job,))


@makes_change
def _stop(job: Job[None]) -> None:
    stop_job(resources.store(), find_actor(), job)
