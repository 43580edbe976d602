"""Images that reviewers label differently, resolved one at a time."""

from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape

import streamlit as st

from lib.domain.annotations import Annotation, AnnotationStatus, TrueLabel, find_latest
from lib.domain.wording import format_count
from lib.ui.addresses import picture_path
from lib.ui.frame import Page
from lib.ui.review.answers import Question, ask_which_word, forget_choosing
from lib.ui.review.early_keys import is_too_early, note_shown
from lib.ui.text import ANONYMOUS, escape_markdown, format_images
from lib.ui.visitor import find_actor, find_name, makes_change
from lib.web import resources
from lib.workflows.annotations import resolve_conflict, set_true_labels
from lib.workflows.open_items import UndecidedImages

RESOLVE_KEY = "resolve-conflicts"
STOP_RESOLVING_KEY, UNDO_RESOLUTION_KEY = "stop-resolving", "undo-resolution"
_RESOLVING = "resolving-conflicts-of"


def is_resolving(session_id: str) -> bool:
    """Report whether this visitor chose to resolve the session's conflicts."""
    return bool(st.session_state.get(_RESOLVING) == session_id)


def offer_conflicts(session_id: str, undecided: UndecidedImages) -> None:
    """Say how many images somebody has to decide, and draw the button that leads to them."""
    count = len(undecided.images)
    if len(undecided.conflicts) == count:
        st.markdown(f"Reviewers label {format_images(count)} differently.")
        text = f"Resolve {format_count(count, 'conflict')}"
    else:
        st.markdown(escape_markdown(f"The ground-truth rule leaves {format_images(count)} undecided."))
        text = f"Resolve {format_count(count, 'image')}"
    st.button(escape_markdown(text), key=RESOLVE_KEY, type="primary", on_click=_start, args=(session_id,))


def _start(session_id: str) -> None:
    st.session_state[_RESOLVING] = session_id


def show_conflict(page: Page, session_id: str, undecided: Sequence[str]) -> None:
    """Draw the first undecided image beside what reviewers said of it, one key each; at the end, that none is left."""
    if not undecided:
        st.success("No images left to resolve.", icon=":material/done_all:")
        _offer_steps(page, session_id)
        return
    sha256 = undecided[0]
    st.markdown(f"Resolve conflicts: {format_images(len(undecided))} left.")
    picture_column, controls_column = st.columns([3, 2])
    with picture_column:
        source = escape(picture_path(session_id, sha256))
        st.html(f'<img class="reviewed" src="{source}" alt="Image that reviewers label differently">')
    with controls_column:
        words = _find_words(page, session_id, sha256)

        def answer(label: TrueLabel | None) -> None:
            _resolve(page, session_id, sha256, label)

        ask_which_word(_make_question(page, session_id, sha256, words), words, answer)
        _offer_steps(page, session_id)
    note_shown(sha256)


def _offer_steps(page: Page, session_id: str) -> None:
    latest = _find_latest_own(page, session_id)
    with st.container(horizontal=True):
        args = (page, session_id, latest)
        st.button("Undo", key=UNDO_RESOLUTION_KEY, shortcut="Z", on_click=_undo, args=args, disabled=latest is None)
        st.button("Stop resolving", key=STOP_RESOLVING_KEY, on_click=_stop)


def _find_latest_own(page: Page, session_id: str) -> str | None:
    """Return the image that reviewers labeled and this person resolved last, in whichever visit."""
    annotations = page.store.annotations.find(session_id)
    reviewed = {sha256 for sha256, _ in find_latest(annotations)}
    latest = {annotation.sha256: annotation for annotation in annotations if annotation.resolves}
    own = [
        annotation
        for annotation in latest.values()
        if annotation.sha256 in reviewed
        and annotation.reviewer == find_name()
        and annotation.status is not AnnotationStatus.WITHDRAWN
    ]
    return max(own, key=lambda annotation: annotation.made_at).sha256 if own else None


@makes_change
def _undo(page: Page, session_id: str, sha256: str) -> None:
    set_true_labels(page.store, find_actor(), session_id, [sha256], None)


def _stop() -> None:
    st.session_state.pop(_RESOLVING, None)
    forget_choosing()


def _find_words(page: Page, session_id: str, sha256: str) -> dict[TrueLabel, str]:
    """Return the different labels with the names of who gave them."""
    names: dict[TrueLabel, list[str]] = {}
    for (_, reviewer), annotation in find_latest(page.store.annotations.find(session_id, sha256)).items():
        if annotation.label is not None:
            names.setdefault(annotation.label, []).append(reviewer or ANONYMOUS)
    return {label: ", ".join(reviewers) for label, reviewers in names.items()}


def _make_question(page: Page, session_id: str, sha256: str, words: dict[TrueLabel, str]) -> Question:
    versions = tuple(page.store.predictions.find_versions(session_id))
    known = resources.labels_of(session_id, page.store.sessions.get(session_id).revision, versions)
    return Question(sha256, [label for word in words for label in word.labels], known)


@makes_change
def _resolve(page: Page, session_id: str, sha256: str, label: TrueLabel | None) -> None:
    if is_too_early(sha256):
        return
    actor = find_actor()
    status = AnnotationStatus.UNSURE if label is None else AnnotationStatus.LABELED
    resolution = Annotation(sha256, actor.name, status, label, datetime.now(UTC), resolves=True)
    resolve_conflict(page.store, actor, session_id, resolution)
    forget_choosing()
