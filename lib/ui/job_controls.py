"""Controls that start, retry, follow and stop background jobs."""

from collections.abc import Mapping, Sequence

import streamlit as st

from lib.domain.audit import Action
from lib.domain.predictions import Coverage, ModelVersion
from lib.domain.sessions import Session
from lib.ui.current_session import start_session
from lib.ui.frame import Page
from lib.ui.text import describe_progress, escape_markdown, format_images
from lib.ui.visitor import find_actor, live, needs
from lib.web import resources
from lib.workflows.background_run import BackgroundRun
from lib.workflows.predict import predict_missing, predict_uploads, retry_failed, stop_run
from lib.workflows.prediction_run import Upload

PREDICT_KEY = "predict-missing"
RETRY_KEY = "retry-failed"
_NOTHING_PREDICTED = Coverage(predictions=0, failures=0)


@needs(Action.PREDICT)
def start_predictions(page: Page, uploads: Sequence[Upload]) -> None:
    """Take the images into the session (a new one, where there is none) and ask the chosen versions about them."""
    if not uploads:
        return
    session = page.session or start_session(page.store)
    run = predict_uploads(page.desk, find_actor(), session.id, list(page.versions.values()), uploads)
    resources.runs().add(session.id, run)
    st.rerun()


def offer_predictions(page: Page, session: Session) -> None:
    """Buttons for what has no answer: versions that were never asked, and calls that failed."""
    coverage = page.store.find_coverage(session.id)
    counts = {name: coverage.get(version, _NOTHING_PREDICTED) for name, version in page.versions.items()}
    missing = {name: session.image_count - count.predictions - count.failures for name, count in counts.items()}
    failed = {name: count.failures for name, count in counts.items()}
    _offer_kind(page, session, missing, again=False)
    _offer_kind(page, session, failed, again=True)


def _offer_kind(page: Page, session: Session, counts: Mapping[str, int], *, again: bool) -> None:
    names = [name for name, count in counts.items() if count > 0]
    if not names:
        return
    about = "; ".join(f"{name}, for {format_images(counts[name])}" for name in names)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Retry failed" if again else "Predict",
            key=RETRY_KEY if again else PREDICT_KEY,
            type="secondary" if again else "primary",
            on_click=predict,
            args=(page, session.id, [page.versions[name] for name in names]),
            kwargs={"again": again},
        )
        st.markdown(escape_markdown(f"{'Calls failed' if again else 'Not asked yet'}: {about}"))


@needs(Action.PREDICT)
def predict(page: Page, session_id: str, versions: Sequence[ModelVersion], *, again: bool = False) -> None:
    """Ask each version about the session's images that it has not answered; with `again`, where its call failed."""
    start = retry_failed if again else predict_missing
    resources.runs().add(session_id, start(page.desk, find_actor(), session_id, versions))


def find_active_run(session_id: str) -> BackgroundRun | None:
    """The session's oldest run that is still under way."""
    return next(iter(resources.runs().find_active(session_id)), None)


STOP_KEY = "stop"
_EVERY_S = 0.5


def show_progress(run: BackgroundRun, *, redraw: bool) -> None:
    """A bar that follows the run by itself; draws the whole page again when the run ends.

    With `redraw` the page is also drawn again whenever answers have landed: something on it still waits for them.
    """
    _follow(run, run.progress().done if redraw else None)


@live(_EVERY_S)
def _follow(run: BackgroundRun, drawn: int | None) -> None:
    progress = run.progress()
    if progress.finished or (drawn is not None and progress.done > drawn):
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(progress.share, text=escape_markdown(describe_progress(progress)))
        st.button("Stop", key=STOP_KEY, icon=":material/stop:", on_click=_stop, args=(run,))


@needs(Action.STOP)
def _stop(run: BackgroundRun) -> None:
    stop_run(resources.store(), find_actor(), run)
