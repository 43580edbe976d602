"""The full card of one image: the picture to zoom into, all bars, what it shows, and where everything came from."""

from collections.abc import Sequence

import streamlit as st

from lib.charts.image_figures import CONFIG, zoomable_image
from lib.domain.annotations import Annotation
from lib.domain.images import Image
from lib.domain.predictions import Failure, Prediction, Record
from lib.ui.addresses import (
    PROBE,
    ask_for_image,
    ask_for_no_image,
    find_asked_image,
    picture_path,
    probe_address,
)
from lib.ui.frame import Page
from lib.ui.history.choose_rows import FROM_KEY
from lib.ui.history.set_truths import choose_truth, set_truths
from lib.ui.review.show_review import hides_versions
from lib.ui.show_cards import Card, DisplayOptions, find_cards, show_scores
from lib.ui.text import escape_markdown, format_exact_time, format_latency, format_size, shorten_name

TRUTH_HERE_KEY = "truth-here"
SET_HERE_KEY = "set-truth-here"
BEFORE_KEY = "image-before"
NEXT_KEY = "image-next"
_LABELS = 10


def show_asked_image(page: Page, session_id: str, beside: Sequence[str] = (), *, answers_of: str | None) -> None:
    """Open the card of the image that the address asks for, if it asks for one.

    `beside` are the images that one can step through from there, in their order, by SHA-256. Answers are shown where
    the session `answers_of` asked for them; None: from any session.
    """
    sha256 = find_asked_image()
    if sha256 is None:
        return
    try:
        image = page.store.images.get(session_id, sha256)
    except LookupError:
        ask_for_no_image()
        st.info("The image at this address is not in this session.", icon=":material/link_off:")
    else:
        _show_image(page, session_id, image, list(beside), answers_of)


@st.dialog("Image", width="large", on_dismiss=ask_for_no_image)
def _show_image(page: Page, session_id: str, image: Image, beside: list[str], answers_of: str | None) -> None:
    (card,) = find_cards(page, [image], answers_of)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.text(shorten_name(image.name))
        _offer_steps(image.sha256, beside)
    picture, answers = st.columns([3, 2])
    with picture:
        st.plotly_chart(
            zoomable_image(picture_path(session_id, image.sha256), image.width_px, image.height_px),
            config=CONFIG,
            key=f"picture-{image.sha256}",
            alt=image.name,
        )
        st.caption("Scroll or pinch to zoom, drag to move.")
    with answers:
        if any(isinstance(record, Record) and not record.failed for record in card.records.values()):
            show_scores(card, DisplayOptions(float(st.session_state.get(FROM_KEY) or 0.0), _LABELS))
        if page.read_only:
            _say_truth(page, session_id, image)
        else:
            _say_what_it_shows(page, session_id, image)
            _offer_probe(session_id, image)
    _show_origin(card)
    _show_words(page, session_id, image)


def _offer_steps(sha256: str, beside: list[str]) -> None:
    if sha256 not in beside or len(beside) < 2:
        return
    place = beside.index(sha256)
    with st.container(horizontal=True, width="content"):
        _offer_step("Previous", BEFORE_KEY, "Left", beside[place - 1] if place else None)
        _offer_step("Next", NEXT_KEY, "Right", beside[place + 1] if place + 1 < len(beside) else None)


def _offer_step(words: str, key: str, shortcut: str, sha256: str | None) -> None:
    if st.button(escape_markdown(words), key=key, shortcut=shortcut, disabled=sha256 is None) and sha256 is not None:
        ask_for_image(sha256)
        st.rerun()


def _offer_probe(session_id: str, image: Image) -> None:
    st.page_link(
        PROBE,
        label="Probe it: how firm, and where it looks",
        icon=":material/troubleshoot:",
        query_params=probe_address(session_id, image.sha256),
    )


def _say_truth(page: Page, session_id: str, image: Image) -> None:
    known = page.store.annotations.find_true_label(session_id, image.sha256)
    st.markdown(escape_markdown(f"It shows {known}" if known is not None else "Nobody has said yet what it shows"))


def _say_what_it_shows(page: Page, session_id: str, image: Image) -> None:
    known = page.store.annotations.find_true_label(session_id, image.sha256)
    versions = page.store.predictions.find_versions(session_id)
    label = choose_truth(page.store, session_id, versions, key=f"{TRUTH_HERE_KEY}-{image.sha256}", chosen=known)
    if st.button("Set", key=SET_HERE_KEY, disabled=label == known):
        set_truths(page.store, session_id, [image.sha256], label)
        st.rerun()


def _show_origin(card: Card) -> None:
    image = card.image
    with st.expander("Where this comes from"):
        st.text("\n".join([f"File: {image.name}", f"Sent: {format_size(image)}, {image.media_type}", *image.steps]))
        st.markdown("SHA-256 of the bytes sent")
        st.code(image.sha256, language=None)
        for name, record in card.records.items():
            st.markdown(escape_markdown(name))
            st.text(_say_origin(record))


def _show_words(page: Page, session_id: str, image: Image) -> None:
    """All that was ever said of the image; nothing as long as the visitor reviews blindly."""
    said = page.store.annotations.find(session_id, image.sha256)
    if not said or hides_versions(page.store, page.store.sessions.get(session_id)):
        return
    with st.expander(f"What was said of it ({len(said)})"):
        for verdict in said:
            st.text(describe_annotation(verdict))


def describe_annotation(verdict: Annotation) -> str:
    """A reviewer's word with who, when, and what was on the screen."""
    what = "settled" if verdict.settles else verdict.judgement.value
    label = f", it shows {verdict.label}" if verdict.label is not None else ""
    note = f". {verdict.note}" if verdict.note else ""
    shown = f" (saw {'; '.join(verdict.shown)})" if verdict.shown else ""
    return f"{format_exact_time(verdict.made_at)}, {verdict.reviewer or 'somebody'}: {what}{label}{note}{shown}"


def _say_outcome(outcome: Prediction | Failure) -> str:
    if isinstance(outcome, Failure):
        return f"failed: {outcome.message}"
    return "only the highest scores came, and are kept" if outcome.cut else "all scores are kept"


def _say_origin(record: Record | None) -> str:
    if record is None:
        return "Not asked yet."
    version = record.version
    outcome = _say_outcome(record.outcome)
    return "\n".join(
        [
            f"Model: {version.model_name} (etag {version.etag or 'none'})",
            f"Service: {version.provider}. Parameters: score_threshold 0; {outcome}",
            f"Asked {format_exact_time(record.asked_at)}, answered within {format_latency(record.latency_s)}",
        ]
    )
