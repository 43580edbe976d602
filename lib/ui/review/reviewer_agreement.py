"""Progress of all reviewers, their agreement, and the images that they label differently."""

from collections.abc import Sequence

import streamlit as st

from lib.domain.annotations import Annotation, find_labels_by_reviewer, find_latest, find_resolved
from lib.domain.reviews import Review, ReviewStatus
from lib.stats.agreement import MIN_IMAGES, ReviewerAgreement, compute_reviewer_agreement, find_label_conflicts
from lib.store import Store
from lib.ui.addresses import thumbnail_path
from lib.ui.cards import show_thumbnail
from lib.ui.text import ANONYMOUS, escape_markdown, format_images
from lib.ui.true_labels import store_true_label
from lib.ui.visitor import live

RESOLVE_KEY = "resolve"
_CARD_PX = 220
_MAX_CARDS = 12
_REFRESH_S = 2.0


@live(_REFRESH_S)
def show_reviewed_counts(store: Store, session_id: str, images: int) -> None:
    """Draw how many images each reviewer has reviewed; updates by itself."""
    counts = store.annotations.count_reviewed(session_id)
    text = " · ".join(f"{name or ANONYMOUS} {count:,}" for name, count in counts.items())
    st.caption(escape_markdown(f"Reviewed so far, of {images:,}: {text}" if text else "No images reviewed yet."))


def show_agreement(store: Store, session_id: str, review: Review) -> None:
    """Draw the agreement of the reviewers, and buttons that resolve images with different labels."""
    annotations = store.annotations.find(session_id)
    labels = find_labels_by_reviewer(annotations)
    agreement = compute_reviewer_agreement(labels)
    if agreement is None:
        st.caption("Agreement is measured once two reviewers have labeled the same image.")
        return
    st.markdown(escape_markdown(describe_reviewer_agreement(agreement)))
    seen = {annotation.sha256 for annotation in annotations if annotation.shown}
    if seen:
        st.caption(f"Reviewers saw predictions on {format_images(len(seen))}, which raises agreement.")
    resolved = find_resolved(annotations)
    conflicts = [sha256 for sha256 in find_label_conflicts(labels) if sha256 not in resolved]
    if conflicts:
        st.markdown(f"{format_images(len(conflicts))} with different labels:")
        _offer_resolutions(store, session_id, conflicts, annotations, is_done=review.status is ReviewStatus.DONE)


def describe_reviewer_agreement(agreement: ReviewerAgreement) -> str:
    """Describe the measure with its interval and basis."""
    basis = f"{agreement.reviewers} reviewers on {format_images(agreement.images)}"
    if agreement.value is None:
        return f"{agreement.measure} of {basis} is undefined: all labels are the same."
    if agreement.interval is None:
        few = f"fewer than {MIN_IMAGES} images are too few for a confidence interval"
        return f"{agreement.measure} of {basis}: {agreement.value:.2f} ({few}); 1 is perfect"
    low, high = agreement.interval.low, agreement.interval.high
    interval = f"95% confidence interval {low:.2f} to {high:.2f}"
    return f"{agreement.measure} of {basis}: {agreement.value:.2f} ({interval}); 1 is perfect"


def _offer_resolutions(
    store: Store, session_id: str, sha256s: Sequence[str], annotations: Sequence[Annotation], *, is_done: bool
) -> None:
    latest = find_latest(annotations)
    grid = st.grid("auto", min_column_width=_CARD_PX, gap="small", border=True)
    for sha256 in sha256s[:_MAX_CARDS]:
        labels = {name: annotation.label for (image, name), annotation in latest.items() if image == sha256}
        with grid.cell():
            show_thumbnail(thumbnail_path(session_id, sha256), "Image with different labels")
            for label in dict.fromkeys(label for label in labels.values() if label is not None):
                reviewers = ", ".join(name for name, own_label in labels.items() if own_label == label)
                st.button(
                    escape_markdown(f"True label: {label} ({reviewers})"),
                    key=f"{RESOLVE_KEY}-{sha256}-{label}",
                    disabled=is_done,
                    on_click=store_true_label,
                    args=(store, session_id, [sha256], label),
                )
