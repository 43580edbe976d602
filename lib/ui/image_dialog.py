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
from lib.ui.frame import Page
from lib.ui.text import (
    ANONYMOUS,
    MUST_NOT_REGRESS,
    NOT_PREDICTED,
    escape_markdown,
    format_exact_time,
    format_latency,
    format_size,
    shorten_name,
)
from lib.ui.true_labels import choose_true_label, store_true_label

LABEL_KEY = "truth-here"
SET_KEY = "set-truth-here"
PREVIOUS_KEY = "image-before"
NEXT_KEY = "image-next"
_LABELS = 10


def show_requested_image(page: Page, session_id: str, sha256s: Sequence[str] = (), *, records_of: str | None) -> None:
    """Open the dialog of the image that the address names, if it names one.

    `sha256s` are the images to step through with *Previous* and *Next*. Predictions are those made in the session
    `records_of`, or (None) in any.
    """
    sha256 = find_requested_image()
    if sha256 is None:
        return
    try:
        image = page.store.images.get(session_id, sha256)
    except LookupError:
        clear_requested_image()
        st.info("This image is not in this session.", icon=":material/link_off:")
    else:
        _show_image(page, session_id, image, list(sha256s), records_of)


@st.dialog("Image", width="large", on_dismiss=clear_requested_image)
def _show_image(page: Page, session_id: str, image: Image, sha256s: list[str], records_of: str | None) -> None:
    (card,) = find_cards(page, [image], records_of)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.text(shorten_name(image.name))
        _show_steps(image.sha256, sha256s)
    picture, predictions = st.columns([3, 2])
    with picture:
        st.plotly_chart(
            zoomable_image(picture_path(session_id, image.sha256), image.width_px, image.height_px),
            config=CONFIG,
            key=f"picture-{image.sha256}",
            alt=image.name,
        )
        st.caption("Scroll or pinch to zoom, drag to move.")
    with predictions:
        if any(isinstance(record, Record) and not record.failed for record in card.records.values()):
            show_scores(card, DisplayOptions(float(st.session_state.get(THRESHOLD_KEY) or 0.0), _LABELS))
        if page.read_only:
            _show_true_label(page, session_id, image)
        else:
            _edit_true_label(page, session_id, image)
            _link_probe(session_id, image)
        if image.sha256 in page.store.images.find_must_not_regress(session_id):
            st.caption(MUST_NOT_REGRESS)
    _show_provenance(card)
    _show_annotations(page, session_id, image)


def _show_steps(sha256: str, sha256s: list[str]) -> None:
    if sha256 not in sha256s or len(sha256s) < 2:
        return
    index = sha256s.index(sha256)
    with st.container(horizontal=True, width="content"):
        _show_step("Previous", PREVIOUS_KEY, "Left", sha256s[index - 1] if index else None)
        _show_step("Next", NEXT_KEY, "Right", sha256s[index + 1] if index + 1 < len(sha256s) else None)


def _show_step(label: str, key: str, shortcut: str, sha256: str | None) -> None:
    if st.button(escape_markdown(label), key=key, shortcut=shortcut, disabled=sha256 is None) and sha256 is not None:
        request_image(sha256)
        st.rerun()


def _link_probe(session_id: str, image: Image) -> None:
    st.page_link(
        PROBE,
        label="Test robustness and saliency",
        icon=":material/troubleshoot:",
        query_params=probe_address(session_id, image.sha256),
    )


def _show_true_label(page: Page, session_id: str, image: Image) -> None:
    label = page.store.annotations.find_true_label(session_id, image.sha256)
    st.markdown(escape_markdown(f"True label: {label}" if label is not None else "No true label yet"))


def _edit_true_label(page: Page, session_id: str, image: Image) -> None:
    current = page.store.annotations.find_true_label(session_id, image.sha256)
    versions = page.store.predictions.find_versions(session_id)
    label = choose_true_label(page.store, session_id, versions, key=f"{LABEL_KEY}-{image.sha256}", current=current)
    if st.button("Set label", key=SET_KEY, disabled=label == current):
        store_true_label(page.store, session_id, [image.sha256], label)
        st.rerun()


def _show_provenance(card: Card) -> None:
    image = card.image
    with st.expander("Provenance"):
        st.text("\n".join([f"File: {image.name}", f"Sent: {format_size(image)}, {image.media_type}", *image.steps]))
        st.markdown("SHA-256 of the image sent")
        st.code(image.sha256, language=None)
        for name, record in card.records.items():
            st.markdown(escape_markdown(name))
            st.text(_describe_record(record))


def _describe_record(record: Record | None) -> str:
    if record is None:
        return NOT_PREDICTED
    version = record.version
    return "\n".join(
        [
            f"Model: {version.model_name} (etag {version.etag or 'none'})",
            f"Provider: {version.provider}",
            f"Parameters: score_threshold 0 · {_describe_outcome(record.outcome)}",
            f"Predicted {format_exact_time(record.requested_at)} in {format_latency(record.latency_s)}",
        ]
    )


def _describe_outcome(outcome: Prediction | Failure) -> str:
    if isinstance(outcome, Failure):
        return f"failed: {outcome.message}"
    return "only the highest scores returned" if outcome.truncated else "all scores stored"


def _show_annotations(page: Page, session_id: str, image: Image) -> None:
    annotations = page.store.annotations.find(session_id, image.sha256)
    if not annotations:
        return
    with st.expander(f"Annotations ({len(annotations)})"):
        for annotation in annotations:
            st.text(describe_annotation(annotation))


def describe_annotation(annotation: Annotation) -> str:
    """Describe an annotation: time, reviewer, status, true label, note, and the predictions that were visible."""
    status = "resolved" if annotation.resolves else annotation.status.value
    label = f", true label {annotation.label}" if annotation.label is not None else ""
    note = f". {annotation.note}" if annotation.note else ""
    shown = f" (visible: {'; '.join(annotation.shown)})" if annotation.shown else ""
    time = format_exact_time(annotation.made_at)
    return f"{time}, {annotation.reviewer or ANONYMOUS}: {status}{label}{note}{shown}"
