"""The dialog of one image: zoomable picture, scores, true label, provenance and annotations."""

from collections.abc import Sequence

import streamlit as st

from lib.charts.image_figures import CONFIG, zoomable_image
from lib.domain.annotations import Annotation
from lib.domain.images import Image
from lib.domain.predictions import Failure, Prediction, Record
from lib.ui.addresses import (
    PROBE,
    clear_requested_image,
    find_requested_image,
    picture_path,
    probe_address,
    request_image,
)
from lib.ui.cards import Card, DisplayOptions, find_cards, show_scores
from lib.ui.comparison_settings import THRESHOLD_KEY
from lib.ui.frame import Page, hides_versions
from lib.ui.text import escape_markdown, format_exact_time, format_latency, format_size, shorten_name
from lib.ui.true_labels import choose_true_label, store_true_label

DIALOG_LABEL_KEY = "truth-here"
DIALOG_SET_KEY = "set-truth-here"
PREVIOUS_KEY = "image-before"
NEXT_KEY = "image-next"
_LABELS = 10


def show_requested_image(page: Page, session_id: str, beside: Sequence[str] = (), *, answers_of: str | None) -> None:
    """Open the card of the image that the address asks for, if it asks for one.

    `beside` are the images that one can step through from there, in their order, by SHA-256. Answers are shown where
    the session `answers_of` asked for them; None: from any session.
    """
    sha256 = find_requested_image()
    if sha256 is None:
        return
    try:
        image = page.store.get_image(session_id, sha256)
    except LookupError:
        clear_requested_image()
        st.info("The image at this address is not in this session.", icon=":material/link_off:")
    else:
        _show_image(page, session_id, image, list(beside), answers_of)


@st.dialog("Image", width="large", on_dismiss=clear_requested_image)
def _show_image(page: Page, session_id: str, image: Image, beside: list[str], answers_of: str | None) -> None:
    (card,) = find_cards(page, [image], answers_of)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.text(shorten_name(image.name))
        _show_steps(image.sha256, beside)
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
            show_scores(card, DisplayOptions(float(st.session_state.get(THRESHOLD_KEY) or 0.0), _LABELS))
        if page.read_only:
            _show_true_label(page, session_id, image)
        else:
            _edit_true_label(page, session_id, image)
            _offer_probe(session_id, image)
    _show_provenance(card)
    _show_annotations(page, session_id, image)


def _show_steps(sha256: str, beside: list[str]) -> None:
    if sha256 not in beside or len(beside) < 2:
        return
    place = beside.index(sha256)
    with st.container(horizontal=True, width="content"):
        _show_step("Previous", PREVIOUS_KEY, "Left", beside[place - 1] if place else None)
        _show_step("Next", NEXT_KEY, "Right", beside[place + 1] if place + 1 < len(beside) else None)


def _show_step(words: str, key: str, shortcut: str, sha256: str | None) -> None:
    if st.button(escape_markdown(words), key=key, shortcut=shortcut, disabled=sha256 is None) and sha256 is not None:
        request_image(sha256)
        st.rerun()


def _offer_probe(session_id: str, image: Image) -> None:
    st.page_link(
        PROBE,
        label="Probe it: how firm, and where it looks",
        icon=":material/troubleshoot:",
        query_params=probe_address(session_id, image.sha256),
    )


def _show_true_label(page: Page, session_id: str, image: Image) -> None:
    known = page.store.get_truth(session_id, image.sha256)
    st.markdown(escape_markdown(f"It shows {known}" if known is not None else "Nobody has said yet what it shows"))


def _edit_true_label(page: Page, session_id: str, image: Image) -> None:
    known = page.store.get_truth(session_id, image.sha256)
    versions = page.store.find_versions(session_id)
    label = choose_true_label(page.store, session_id, versions, key=f"{DIALOG_LABEL_KEY}-{image.sha256}", chosen=known)
    if st.button("Set", key=DIALOG_SET_KEY, disabled=label == known):
        store_true_label(page.store, session_id, [image.sha256], label)
        st.rerun()


def _show_provenance(card: Card) -> None:
    image = card.image
    with st.expander("Where this comes from"):
        st.text("\n".join([f"File: {image.name}", f"Sent: {format_size(image)}, {image.media_type}", *image.steps]))
        st.markdown("SHA-256 of the bytes sent")
        st.code(image.sha256, language=None)
        for name, record in card.records.items():
            st.markdown(escape_markdown(name))
            st.text(_describe_provenance(record))


def _show_annotations(page: Page, session_id: str, image: Image) -> None:
    """All that was ever said of the image; nothing as long as the visitor reviews blindly."""
    said = page.store.find_verdicts(session_id, image.sha256)
    if not said or hides_versions(page.store, page.store.get_session(session_id)):
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


def _describe_outcome(outcome: Prediction | Failure) -> str:
    if isinstance(outcome, Failure):
        return f"failed: {outcome.message}"
    return "only the highest scores came, and are kept" if outcome.cut else "all scores are kept"


def _describe_provenance(record: Record | None) -> str:
    if record is None:
        return "Not asked yet."
    version = record.version
    outcome = _describe_outcome(record.outcome)
    return "\n".join(
        [
            f"Model: {version.model_name} (etag {version.etag or 'none'})",
            f"Service: {version.provider}. Parameters: score_threshold 0; {outcome}",
            f"Asked {format_exact_time(record.asked_at)}, answered within {format_latency(record.latency_s)}",
        ]
    )
