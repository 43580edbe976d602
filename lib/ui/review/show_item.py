"""One image in front of a reviewer, and the keys to judge it by."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape

import streamlit as st

from lib.domain.annotations import Annotation, AnnotationStatus, Review, match_label
from lib.domain.audit import Action
from lib.domain.images import Image
from lib.domain.predictions import Prediction
from lib.errors import ReviewDone
from lib.ui.addresses import picture_path
from lib.ui.cards import Card, DisplayOptions, find_cards, show_scores
from lib.ui.frame import Page
from lib.ui.review.queue import Queue
from lib.ui.text import escape_markdown, shorten_name
from lib.ui.visitor import find_actor, needs
from lib.workflows.annotations import annotate_image

CORRECT_KEY, WRONG_KEY, UNSURE_KEY = "judge-correct", "judge-wrong", "judge-unsure"
BACK_KEY, FORWARD_KEY, UNDO_KEY = "go-back", "go-forward", "undo-verdict"
LABEL_KEY = "right-label"
LABEL_FORM_KEY = "right-label-form"
SET_LABEL_KEY = "set-right-label"
ITEM_NOTE_KEY = "verdict-note"
_CHOOSING = "choosing-label"
_TROUBLE = "review-trouble"
_LABELS = 6
_MOST_CHOICES = 9


@dataclass(frozen=True, slots=True)
class ReviewPanel:
    """What judging needs: the page, the session, who judges, how, and the queue."""

    page: Page
    session_id: str
    reviewer: str
    review: Review
    queue: Queue


def show_item(panel: ReviewPanel, image: Image) -> None:
    """The image large, the versions' bars beside it unless the review is blind, and the keys."""
    card = None if panel.review.blind else find_cards(panel.page, [image], panel.session_id)[0]
    picture, answers = st.columns([3, 2])
    is_asked = card is None or st.session_state.get(_CHOOSING) == image.sha256
    with picture:
        _show_picture(panel, image)
    with answers:
        if card is not None:
            st.text(shorten_name(image.name))
            show_scores(card, DisplayOptions(0.0, _LABELS))
        trouble = st.session_state.pop(_TROUBLE, None)
        if trouble:
            st.error(escape_markdown(trouble))
        if is_asked:
            _offer_labels(panel, image, card)
        else:
            _offer_status(panel, image, card)
        st.text_input("Note on this image", key=f"{ITEM_NOTE_KEY}-{image.sha256}", max_chars=500)
        _offer_steps(panel, None if is_asked else "Z")


def _show_picture(panel: ReviewPanel, image: Image) -> None:
    source = escape(picture_path(panel.session_id, image.sha256))
    following = panel.queue.following
    # The next picture is fetched while one looks at this one.
    ahead = f'<img src="{escape(picture_path(panel.session_id, following))}" hidden alt="">' if following else ""
    st.html(f'<img class="reviewed" src="{source}" alt="The image to judge">{ahead}')


def _offer_status(panel: ReviewPanel, image: Image, card: Card | None) -> None:
    first = None if card is None else next(iter(find_top_labels(card)), None)
    with st.container(horizontal=True):
        st.button(
            "Correct" if first is None else escape_markdown(f"Correct: {shorten_name(first)}"),
            key=CORRECT_KEY,
            shortcut="Y",
            icon=":material/check:",
            disabled=first is None,
            on_click=_judge_unasked,
            args=(panel, image, AnnotationStatus.CORRECT, first, card),
        )
        st.button("Wrong", key=WRONG_KEY, shortcut="N", icon=":material/close:", on_click=_ask_label, args=(image,))
        _offer_unsure(panel, image, card, "U")


def _judge_unasked(
    panel: ReviewPanel, image: Image, status: AnnotationStatus, label: str | None, card: Card | None
) -> None:
    # What is typed right after N comes from a page that does not show yet that a label is asked for.
    if st.session_state.get(_CHOOSING) != image.sha256:
        judge(panel, image, status, label, card)


def _offer_labels(panel: ReviewPanel, image: Image, card: Card | None) -> None:
    """Ask what the image shows. No letter is a shortcut here: people type a label before they are in the field."""
    known = find_own_labels(panel) if card is None else find_top_labels(card)
    status = AnnotationStatus.CORRECT if card is None else AnnotationStatus.WRONG
    with st.container(horizontal=True):
        for place, label in enumerate(known[:_MOST_CHOICES], start=1):
            st.button(
                escape_markdown(label),
                key=f"label-{place}",
                shortcut=str(place),
                on_click=judge,
                args=(panel, image, status, label, card),
            )
        _offer_unsure(panel, image, card, None)
    key = f"{LABEL_KEY}-{image.sha256}"

    def take_typed() -> None:
        typed = str(st.session_state[key]).strip()
        if typed:
            judge(panel, image, status, match_label(typed, known), card)

    # In a form, as a field outside one takes a label as soon as somebody clicks elsewhere, however much of it is typed.
    with (
        st.form(f"{LABEL_FORM_KEY}-{image.sha256}", border=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        st.text_input("True label", key=key, placeholder="Type the true label, then press Enter", max_chars=200)
        st.form_submit_button("Set", key=SET_LABEL_KEY, on_click=take_typed)


def _offer_unsure(panel: ReviewPanel, image: Image, card: Card | None, shortcut: str | None) -> None:
    st.button(
        "Unsure",
        key=UNSURE_KEY,
        shortcut=shortcut,
        icon=":material/question_mark:",
        on_click=_judge_unasked if shortcut else judge,
        args=(panel, image, AnnotationStatus.UNSURE, None, card),
    )


def _offer_steps(panel: ReviewPanel, undo_shortcut: str | None) -> None:
    queue = panel.queue
    with st.container(horizontal=True):
        st.button("Back", key=BACK_KEY, shortcut="Left", on_click=queue.step, args=(-1,), disabled=queue.place == 0)
        st.button("Forward", key=FORWARD_KEY, shortcut="Right", on_click=queue.step, args=(1,))
        is_off = not queue.judged
        st.button("Undo", key=UNDO_KEY, shortcut=undo_shortcut, on_click=undo, args=(panel,), disabled=is_off)


def _ask_label(image: Image) -> None:
    st.session_state[_CHOOSING] = image.sha256


@needs(Action.ANNOTATE)
def judge(panel: ReviewPanel, image: Image, status: AnnotationStatus, label: str | None, card: Card | None) -> None:
    """Keep the reviewer's word, and go on to the next image."""
    note = str(st.session_state.get(f"{ITEM_NOTE_KEY}-{image.sha256}") or "").strip()
    shown = () if card is None else tuple(describe_shown(card))
    verdict = Annotation(image.sha256, panel.reviewer, status, label, datetime.now(UTC), note, shown)
    if _keep(panel, verdict):
        panel.queue.judged.append(image.sha256)
        panel.queue.step(1)


@needs(Action.UNDO_ANNOTATION)
def undo(panel: ReviewPanel) -> None:
    """Take the last word back, and return to its image."""
    sha256 = panel.queue.judged[-1]
    if _keep(panel, Annotation(sha256, panel.reviewer, AnnotationStatus.WITHDRAWN, None, datetime.now(UTC))):
        panel.queue.judged.pop()
        panel.queue.place = panel.queue.images.index(sha256)


def _keep(panel: ReviewPanel, verdict: Annotation) -> bool:
    try:
        annotate_image(panel.page.store, find_actor(), panel.session_id, verdict)
    except ReviewDone as done:
        st.session_state[_TROUBLE] = str(done)
        return False
    st.session_state.pop(_CHOOSING, None)
    return True


def find_top_labels(card: Card) -> list[str]:
    """The versions' top labels, baseline first, each once."""
    outcomes = [record.outcome for record in card.records.values() if record is not None]
    tops = [outcome.top for outcome in outcomes if isinstance(outcome, Prediction)]
    return list(dict.fromkeys(top.label for top in tops if top is not None))


def find_own_labels(panel: ReviewPanel) -> Sequence[str]:
    """The labels that this reviewer has given so far, the most recent first."""
    mine = [
        verdict for verdict in panel.page.store.annotations.find(panel.session_id) if verdict.reviewer == panel.reviewer
    ]
    return list(dict.fromkeys(verdict.label for verdict in reversed(mine) if verdict.label is not None))


def describe_shown(card: Card) -> list[str]:
    """The predictions on the screen, a sentence a version."""
    said = []
    for name, record in card.records.items():
        top = record.outcome.top if record is not None and isinstance(record.outcome, Prediction) else None
        said.append(f"{name}: {'no prediction' if top is None else f'{top.label} {top.value:.2f}'}")
    return said
