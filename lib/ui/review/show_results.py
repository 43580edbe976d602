"""How well reviewers agree, and what they differ on."""

from collections.abc import Sequence

import streamlit as st

from lib.domain.annotations import Annotation, Review, ReviewStatus, find_labels_by_reviewer, find_latest, find_resolved
from lib.stats.agreement import ReviewerAgreement, agree_reviewers, find_differences
from lib.store import Store
from lib.ui.addresses import thumbnail_path
from lib.ui.cards import show_thumbnail
from lib.ui.text import escape_markdown, format_images
from lib.ui.true_labels import store_true_label
from lib.ui.visitor import live

SETTLE_KEY = "settle"
_CARD_PX = 220
_MOST_SHOWN = 12
_EVERY_S = 2.0


@live(_EVERY_S)
def show_counts(store: Store, session_id: str, images: int) -> None:
    """How far each reviewer is, as it is now."""
    counts = store.annotations.count_reviewed(session_id)
    said = " · ".join(f"{name or 'nobody'} {count:,}" for name, count in counts.items())
    st.caption(escape_markdown(f"Reviewed so far, of {images:,}: {said}" if said else "No images reviewed yet."))


def show_results(store: Store, session_id: str, review: Review) -> None:
    """Agreement in a sentence, and the images with different labels, each to be settled with one click."""
    said = store.annotations.find(session_id)
    words = find_labels_by_reviewer(said)
    agreement = agree_reviewers(words)
    if agreement is None:
        st.caption("Agreement is measured once two reviewers have labeled the same image.")
        return
    st.markdown(escape_markdown(describe_agreement(agreement)))
    settled = find_resolved(said)
    differing = [sha256 for sha256 in find_differences(words) if sha256 not in settled]
    if differing:
        st.markdown(f"{format_images(len(differing))} with different labels:")
        _show_differences(store, session_id, differing, said, is_done=review.status is ReviewStatus.DONE)


def describe_agreement(agreement: ReviewerAgreement) -> str:
    """The measure in words, with its interval and basis."""
    basis = f"{agreement.reviewers} reviewers on {format_images(agreement.images)}"
    if agreement.value is None or agreement.interval is None:
        return f"{agreement.measure} of {basis} is undefined: all labels are the same."
    low, high = agreement.interval.low, agreement.interval.high
    return f"{agreement.measure} of {basis}: {agreement.value:.2f} (95% interval {low:.2f} to {high:.2f}); 1 is perfect"


def _show_differences(
    store: Store, session_id: str, sha256s: Sequence[str], said: Sequence[Annotation], *, is_done: bool
) -> None:
    latest = find_latest(said)
    grid = st.grid("auto", min_column_width=_CARD_PX, gap="small", border=True)
    for sha256 in sha256s[:_MOST_SHOWN]:
        mine = {who: verdict for (of, who), verdict in latest.items() if of == sha256 and verdict.label is not None}
        with grid.cell():
            show_thumbnail(thumbnail_path(session_id, sha256), "Image with different labels")
            for label in dict.fromkeys(verdict.label for verdict in mine.values()):
                who = ", ".join(name for name, verdict in mine.items() if verdict.label == label)
                st.button(
                    escape_markdown(f"True label: {label} ({who})"),
                    key=f"{SETTLE_KEY}-{sha256}-{label}",
                    disabled=is_done,
                    on_click=store_true_label,
                    args=(store, session_id, [sha256], label),
                )
