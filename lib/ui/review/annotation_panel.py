"""One image to annotate: the picture, the question with its answers, and the steps to other images."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape

import streamlit as st

from lib.domain.annotations import Annotation, AnnotationStatus, TrueLabel, find_latest
from lib.domain.images import Image
from lib.domain.label_texts import merge_predicted_labels
from lib.domain.predictions import Prediction
from lib.domain.reviews import Review, ReviewMode
from lib.errors import ReviewDone
from lib.ui.addresses import picture_path
from lib.ui.cards import Card, DisplayOptions, find_cards, show_scores
from lib.ui.frame import Page
from lib.ui.review.answers import Question, ask, forget_choosing
from lib.ui.review.early_keys import is_too_early, note_shown
from lib.ui.review.review_queue import Queue
from lib.ui.text import escape_markdown, shorten_name
from lib.ui.visitor import find_actor, makes_change
from lib.web import resources
from lib.workflows.annotations import annotate_image

PREVIOUS_KEY, NEXT_KEY, UNDO_KEY = "go-back", "go-forward", "undo-annotation"
ITEM_NOTE_KEY = "annotation-note"
_REFUSAL = "review-refusal"
_BARS = 6


@dataclass(frozen=True, slots=True)
class ReviewPanel:
    """What annotating needs: the page, the session, the reviewer, the review's settings, and the queue."""

    page: Page
    session_id: str
    reviewer: str
    review: Review
    queue: Queue


def show_panel(panel: ReviewPanel, image: Image) -> None:
    """Draw the image beside the question and its answers; names, scores and bars only in an open review."""
    (card,) = find_cards(panel.page, [image], panel.session_id)
    picture_column, controls_column = st.columns([3, 2])
    with picture_column:
        _show_picture(panel, image)
    with controls_column:
        refusal = st.session_state.pop(_REFUSAL, None)
        if refusal:
            st.error(escape_markdown(refusal))

        def answer(label: TrueLabel | None) -> None:
            annotate(panel, image, label, card)

        ask(_make_question(panel, image), panel.review.mode, panel.session_id, answer)
        if panel.review.mode is ReviewMode.OPEN:
            st.text(shorten_name(image.name))
            show_scores(card, DisplayOptions(panel.review.threshold, _BARS))
        st.text_input("Note on this image", key=f"{ITEM_NOTE_KEY}-{image.sha256}", max_chars=500)
        _offer_steps(panel)
    note_shown(image.sha256)


def _make_question(panel: ReviewPanel, image: Image) -> Question:
    """Return the question with the labels of all versions of the session, whichever are shown on other pages."""
    store = panel.page.store
    versions = tuple(store.predictions.find_versions(panel.session_id))
    records = store.predictions.find([image.sha256], versions, session_id=panel.session_id)
    predictions = [record.outcome for record in records if isinstance(record.outcome, Prediction)]
    known = resources.labels_of(panel.session_id, store.sessions.get(panel.session_id).revision, versions)
    return Question(image.sha256, find_top_labels(predictions, panel.review), known)


def _show_picture(panel: ReviewPanel, image: Image) -> None:
    source = escape(picture_path(panel.session_id, image.sha256))
    following = panel.queue.following
    # The browser fetches the next picture in advance.
    ahead = f'<img src="{escape(picture_path(panel.session_id, following))}" hidden alt="">' if following else ""
    st.html(f'<img class="reviewed" src="{source}" alt="Image to annotate">{ahead}')


def _offer_steps(panel: ReviewPanel) -> None:
    queue = panel.queue
    with st.container(horizontal=True):
        is_first = queue.position == 0
        st.button("Previous", key=PREVIOUS_KEY, shortcut="Left", on_click=queue.step, args=(-1,), disabled=is_first)
        st.button("Next", key=NEXT_KEY, shortcut="Right", on_click=queue.step, args=(1,))
        latest = find_latest_own(panel)
        st.button("Undo", key=UNDO_KEY, shortcut="Z", on_click=undo, args=(panel, latest), disabled=latest is None)


def find_latest_own(panel: ReviewPanel) -> str | None:
    """Return the image that the reviewer annotated last and has not withdrawn, in whichever visit."""
    current = find_latest(panel.page.store.annotations.find(panel.session_id))
    own = [annotation for (_, name), annotation in current.items() if name == panel.reviewer]
    return max(own, key=lambda annotation: annotation.made_at).sha256 if own else None


@makes_change
def annotate(panel: ReviewPanel, image: Image, label: TrueLabel | None, card: Card) -> None:
    """Store what the reviewer says of the image, and move to the next one."""
    if is_too_early(image.sha256):
        return
    note = str(st.session_state.get(f"{ITEM_NOTE_KEY}-{image.sha256}") or "").strip()
    shown = tuple(describe_predictions(card)) if panel.review.mode is ReviewMode.OPEN else ()
    status = AnnotationStatus.UNSURE if label is None else AnnotationStatus.LABELED
    if _store_annotation(
        panel, Annotation(image.sha256, panel.reviewer, status, label, datetime.now(UTC), note, shown)
    ):
        panel.queue.step(1)


@makes_change
def undo(panel: ReviewPanel, sha256: str) -> None:
    """Withdraw the reviewer's annotation of this image, and return to it."""
    withdrawal = Annotation(sha256, panel.reviewer, AnnotationStatus.WITHDRAWN, None, datetime.now(UTC))
    if _store_annotation(panel, withdrawal):
        panel.queue.return_to(sha256)


def _store_annotation(panel: ReviewPanel, annotation: Annotation) -> bool:
    try:
        annotate_image(panel.page.store, find_actor(), panel.session_id, annotation)
    except ReviewDone as error:
        st.session_state[_REFUSAL] = str(error)
        return False
    forget_choosing()
    return True


def find_top_labels(predictions: Sequence[Prediction], review: Review) -> Sequence[str | None]:
    """Return the different labels that versions predict for an image; None for no label at the review's threshold."""
    merged = (merge_predicted_labels(prediction, review.same_labels).top for prediction in predictions)
    return list(
        dict.fromkeys(top.label if top is not None and top.value >= review.threshold else None for top in merged)
    )


def describe_predictions(card: Card) -> list[str]:
    """Return the visible predictions as text, one per version: "v1: cat 0.93"."""
    texts = []
    for name, record in card.records.items():
        top = record.outcome.top if record is not None and isinstance(record.outcome, Prediction) else None
        texts.append(f"{name}: {'no prediction' if top is None else f'{top.label} {top.value:.2f}'}")
    return texts
