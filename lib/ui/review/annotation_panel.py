"""One image to annotate: the picture, the predictions unless the review is blind, buttons and their shortcuts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape

import streamlit as st

from lib.domain.annotations import Annotation, AnnotationStatus, Review, match_label
from lib.domain.images import Image
from lib.domain.permissions import Action
from lib.domain.predictions import Prediction
from lib.errors import ReviewDone
from lib.ui.addresses import picture_path
from lib.ui.cards import Card, DisplayOptions, find_cards, show_scores
from lib.ui.frame import Page
from lib.ui.review.review_queue import Queue
from lib.ui.text import escape_markdown, shorten_name
from lib.ui.visitor import find_actor, needs
from lib.workflows.annotations import annotate_image

CORRECT_KEY, WRONG_KEY, UNSURE_KEY = "annotate-correct", "annotate-wrong", "annotate-unsure"
PREVIOUS_KEY, NEXT_KEY, UNDO_KEY = "go-back", "go-forward", "undo-annotation"
LABEL_KEY = "typed-label"
LABEL_FORM_KEY = "typed-label-form"
SET_LABEL_KEY = "set-typed-label"
ITEM_NOTE_KEY = "annotation-note"
_CHOOSING = "choosing-label"
_REFUSAL = "review-refusal"
_BARS = 6
_MAX_LABEL_BUTTONS = 9


@dataclass(frozen=True, slots=True)
class ReviewPanel:
    """What annotating needs: the page, the session, the reviewer, the review's settings, and the queue."""

    page: Page
    session_id: str
    reviewer: str
    review: Review
    queue: Queue


def show_panel(panel: ReviewPanel, image: Image) -> None:
    """Draw the image, the score bars unless the review is blind, and the buttons."""
    card = None if panel.review.blind else find_cards(panel.page, [image], panel.session_id)[0]
    choosing = card is None or st.session_state.get(_CHOOSING) == image.sha256
    picture_column, controls_column = st.columns([3, 2])
    with picture_column:
        _show_picture(panel, image)
    with controls_column:
        if card is not None:
            st.text(shorten_name(image.name))
            show_scores(card, DisplayOptions(0.0, _BARS))
        refusal = st.session_state.pop(_REFUSAL, None)
        if refusal:
            st.error(escape_markdown(refusal))
        if choosing:
            _offer_labels(panel, image, card)
        else:
            _offer_status(panel, image, card)
        st.text_input("Note on this image", key=f"{ITEM_NOTE_KEY}-{image.sha256}", max_chars=500)
        _offer_steps(panel, None if choosing else "Z")


def _show_picture(panel: ReviewPanel, image: Image) -> None:
    source = escape(picture_path(panel.session_id, image.sha256))
    following = panel.queue.following
    # The browser fetches the next picture in advance.
    ahead = f'<img src="{escape(picture_path(panel.session_id, following))}" hidden alt="">' if following else ""
    st.html(f'<img class="reviewed" src="{source}" alt="Image to annotate">{ahead}')


def _offer_status(panel: ReviewPanel, image: Image, card: Card | None) -> None:
    first = None if card is None else next(iter(find_top_labels(card)), None)
    with st.container(horizontal=True):
        st.button(
            "Correct" if first is None else escape_markdown(f"Correct: {shorten_name(first)}"),
            key=CORRECT_KEY,
            shortcut="Y",
            icon=":material/check:",
            disabled=first is None,
            on_click=_annotate_unless_choosing,
            args=(panel, image, AnnotationStatus.CORRECT, first, card),
        )
        st.button(
            "Wrong", key=WRONG_KEY, shortcut="N", icon=":material/close:", on_click=_start_choosing, args=(image,)
        )
        _offer_unsure(panel, image, card, "U")


def _annotate_unless_choosing(
    panel: ReviewPanel, image: Image, status: AnnotationStatus, label: str | None, card: Card | None
) -> None:
    # Keys typed right after N come from a page that does not show the label field yet.
    if st.session_state.get(_CHOOSING) != image.sha256:
        annotate(panel, image, status, label, card)


def _offer_labels(panel: ReviewPanel, image: Image, card: Card | None) -> None:
    """Ask for the true label. No letter is a shortcut, because reviewers may type before the field has focus."""
    known = find_own_labels(panel) if card is None else find_top_labels(card)
    status = AnnotationStatus.CORRECT if card is None else AnnotationStatus.WRONG
    with st.container(horizontal=True):
        for number, label in enumerate(known[:_MAX_LABEL_BUTTONS], start=1):
            st.button(
                escape_markdown(label),
                key=f"label-{number}",
                shortcut=str(number),
                on_click=annotate,
                args=(panel, image, status, label, card),
            )
        _offer_unsure(panel, image, card, None)
    key = f"{LABEL_KEY}-{image.sha256}"

    def set_typed_label() -> None:
        typed = str(st.session_state[key]).strip()
        if typed:
            annotate(panel, image, status, match_label(typed, known), card)

    # In a form, because a field outside one submits half-typed text as soon as it loses focus.
    with (
        st.form(f"{LABEL_FORM_KEY}-{image.sha256}", border=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        st.text_input("True label", key=key, placeholder="Type the true label, then press Enter", max_chars=200)
        st.form_submit_button("Set", key=SET_LABEL_KEY, on_click=set_typed_label)


def _offer_unsure(panel: ReviewPanel, image: Image, card: Card | None, shortcut: str | None) -> None:
    st.button(
        "Unsure",
        key=UNSURE_KEY,
        shortcut=shortcut,
        icon=":material/question_mark:",
        on_click=_annotate_unless_choosing if shortcut else annotate,
        args=(panel, image, AnnotationStatus.UNSURE, None, card),
    )


def _offer_steps(panel: ReviewPanel, undo_shortcut: str | None) -> None:
    queue = panel.queue
    with st.container(horizontal=True):
        is_first = queue.position == 0
        st.button("Previous", key=PREVIOUS_KEY, shortcut="Left", on_click=queue.step, args=(-1,), disabled=is_first)
        st.button("Next", key=NEXT_KEY, shortcut="Right", on_click=queue.step, args=(1,))
        is_off = not queue.annotated
        st.button("Undo", key=UNDO_KEY, shortcut=undo_shortcut, on_click=undo, args=(panel,), disabled=is_off)


def _start_choosing(image: Image) -> None:
    st.session_state[_CHOOSING] = image.sha256


@needs(Action.ANNOTATE)
def annotate(panel: ReviewPanel, image: Image, status: AnnotationStatus, label: str | None, card: Card | None) -> None:
    """Store the reviewer's annotation, and move to the next image."""
    note = str(st.session_state.get(f"{ITEM_NOTE_KEY}-{image.sha256}") or "").strip()
    shown = () if card is None else tuple(describe_predictions(card))
    annotation = Annotation(image.sha256, panel.reviewer, status, label, datetime.now(UTC), note, shown)
    if _store_annotation(panel, annotation):
        panel.queue.annotated.append(image.sha256)
        panel.queue.step(1)


@needs(Action.UNDO_ANNOTATION)
def undo(panel: ReviewPanel) -> None:
    """Withdraw the latest annotation, and return to its image."""
    sha256 = panel.queue.annotated[-1]
    withdrawal = Annotation(sha256, panel.reviewer, AnnotationStatus.WITHDRAWN, None, datetime.now(UTC))
    if _store_annotation(panel, withdrawal):
        panel.queue.annotated.pop()
        panel.queue.position = panel.queue.images.index(sha256)


def _store_annotation(panel: ReviewPanel, annotation: Annotation) -> bool:
    try:
        annotate_image(panel.page.store, find_actor(), panel.session_id, annotation)
    except ReviewDone as error:
        st.session_state[_REFUSAL] = str(error)
        return False
    st.session_state.pop(_CHOOSING, None)
    return True


def find_top_labels(card: Card) -> list[str]:
    """Return the top labels of the versions, baseline first, without duplicates."""
    outcomes = [record.outcome for record in card.records.values() if record is not None]
    tops = [outcome.top for outcome in outcomes if isinstance(outcome, Prediction)]
    return list(dict.fromkeys(top.label for top in tops if top is not None))


def find_own_labels(panel: ReviewPanel) -> Sequence[str]:
    """Return the labels that this reviewer has set so far, the most recent first."""
    annotations = panel.page.store.annotations.find(panel.session_id)
    labels = [annotation.label for annotation in reversed(annotations) if annotation.reviewer == panel.reviewer]
    return list(dict.fromkeys(label for label in labels if label is not None))


def describe_predictions(card: Card) -> list[str]:
    """Return the visible predictions as text, one per version: "v1: cat 0.93"."""
    texts = []
    for name, record in card.records.items():
        top = record.outcome.top if record is not None and isinstance(record.outcome, Prediction) else None
        texts.append(f"{name}: {'no prediction' if top is None else f'{top.label} {top.value:.2f}'}")
    return texts
