"""Progress of all reviewers, and their agreement."""

import streamlit as st

from lib.domain.annotations import find_labels_by_reviewer
from lib.stats.agreement import MIN_IMAGES, ReviewerAgreement, compute_reviewer_agreement
from lib.stats.reviewer_error import ReviewerError, estimate_reviewer_error
from lib.store import Store
from lib.ui.text import ANONYMOUS, escape_markdown, format_images
from lib.ui.visitor import live

_REFRESH_S = 1.5


@live(_REFRESH_S)
def show_reviewed_counts(store: Store, session_id: str, images: int) -> None:
    """Draw how many images each reviewer has reviewed; updates by itself."""
    counts = store.annotations.count_reviewed(session_id)
    text = " · ".join(f"{name or ANONYMOUS} {count:,}" for name, count in counts.items())
    st.caption(escape_markdown(f"Reviewed so far, of {images:,}: {text}" if text else "No images reviewed yet."))


def show_agreement(store: Store, session_id: str) -> None:
    """Draw the agreement of the reviewers."""
    annotations = store.annotations.find(session_id)
    labels = find_labels_by_reviewer(annotations)
    agreement = compute_reviewer_agreement(labels)
    if agreement is None:
        st.caption("Agreement is measured once two reviewers have labeled the same image.")
        return
    st.markdown(escape_markdown(describe_reviewer_agreement(agreement)))
    error = estimate_reviewer_error(labels)
    if error:
        st.markdown(escape_markdown(describe_reviewer_error(error)))
    seen = {annotation.sha256 for annotation in annotations if annotation.shown}
    if seen:
        st.caption(f"Reviewers saw predictions on {format_images(len(seen))}, which raises agreement.")


def describe_reviewer_error(error: ReviewerError) -> str:
    """Describe how often a single word is wrong, and what it does to measured differences."""
    low, high = error.interval.low * 100, error.interval.high * 100
    words = f"Reviewers differ on {error.different:,} of {format_images(error.images)} that two of them labeled"
    estimate = f"each reviewer is wrong on about {error.error * 100:.1f}% of images (95% CI {low:.1f} to {high:.1f})"
    return f"{words}: {estimate}. True differences are about {error.inflation:.2f} times the measured ones."


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
