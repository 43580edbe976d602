"""Starts predictions for a page, and says what is still missing."""

from collections.abc import Mapping, Sequence

import streamlit as st

from lib.domain.prediction import ModelVersion
from lib.ui import resources
from lib.ui.current_session import start_session
from lib.ui.frame import Page
from lib.ui.words import plain, say_images, say_list
from lib.workflows.prediction_run import Desk, PredictionRun, Upload

PREDICT_KEY = "predict-missing"
RETRY_KEY = "retry-failed"


def start_predictions(page: Page, uploads: Sequence[Upload]) -> None:
    """Take the images into the session (a new one, where there is none) and ask the chosen versions about them."""
    if not uploads:
        return
    session = page.session or start_session(page.store)
    run = PredictionRun(page.desk, session.id, list(page.versions.values()))
    run.take_in(uploads)
    resources.runs().add(session.id, run)
    st.rerun()


def offer_predictions(page: Page, session_id: str) -> None:
    """Buttons for what has no answer: versions that were never asked, and calls that failed."""
    missing = {name: page.store.find_unanswered(session_id, version) for name, version in page.versions.items()}
    failed = {name: page.store.find_failed(session_id, version) for name, version in page.versions.items()}
    _offer(
        page, session_id, {name: [image.sha256 for image in images] for name, images in missing.items()}, again=False
    )
    _offer(page, session_id, {name: [image.sha256 for image in images] for name, images in failed.items()}, again=True)


def _offer(page: Page, session_id: str, asked: Mapping[str, Sequence[str]], *, again: bool) -> None:
    names = [name for name, sha256s in asked.items() if sha256s]
    if not names:
        return
    count = say_images(len({sha256 for sha256s in asked.values() for sha256 in sha256s}))
    words = (
        f"Calls failed: {say_list(names)}, for {count}" if again else f"Not asked yet: {say_list(names)}, about {count}"
    )
    questions = {page.versions[name]: asked[name] for name in names}
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Retry failed" if again else "Predict",
            key=RETRY_KEY if again else PREDICT_KEY,
            type="secondary" if again else "primary",
            on_click=_ask,
            args=(page.desk, session_id, questions),
        )
        st.markdown(plain(words))


def _ask(desk: Desk, session_id: str, questions: Mapping[ModelVersion, Sequence[str]]) -> None:
    run = PredictionRun(desk, session_id, list(questions))
    for version, sha256s in questions.items():
        run.ask(version, sha256s)
    resources.runs().add(session_id, run)


def find_active_run(session_id: str) -> PredictionRun | None:
    """The session's oldest run that is still under way."""
    return next(iter(resources.runs().find_active(session_id)), None)
