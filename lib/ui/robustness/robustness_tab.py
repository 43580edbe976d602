"""The Robustness tab: how often top labels change under small edits of the images."""

import streamlit as st

from lib.charts.flip_shares import describe_flips, flip_shares, format_flips
from lib.domain.images import Image
from lib.domain.predictions import ModelVersion, Prediction
from lib.domain.sessions import Session
from lib.images.perturbations import EVERYDAY
from lib.stats.robustness import (
    MIN_IMAGES,
    Robustness,
    RobustnessChange,
    combine_images,
    compare_robustness,
    find_top_label,
    measure_robustness,
)
from lib.ui.comparison_settings import choose_threshold
from lib.ui.frame import Page
from lib.ui.robustness.probe_controls import offer_probe, read_probe
from lib.ui.text import NOT_PREDICTED, escape_markdown
from lib.workflows.probe import Probe

_EDITS = [perturbation.description for perturbation in EVERYDAY]


def show_robustness(page: Page, session: Session, images: list[Image]) -> None:
    """Draw flipped labels and score changes of each version for each edit or, for a single image, its labels."""
    st.caption("How often the top label changes under small edits: rotation, blur, brightness, compression.")
    probe, job = read_probe(page, session, images, EVERYDAY)
    offer_probe(page, session, probe, job)
    if not probe.results:
        return
    threshold = choose_threshold(220, page.store.reviews.get(session.id))
    for name, version in page.versions.items():
        st.markdown(escape_markdown(_describe_robustness(probe, name, version, threshold)))
    _show_change(page, probe, threshold)
    if len(images) == 1:
        st.table(_list_labels(page, probe, threshold))
    else:
        _show_shares(page, probe, threshold)


def _describe_robustness(probe: Probe, name: str, version: ModelVersion, threshold: float) -> str:
    found = (measure_robustness(probe.find_changes(version, [image], EVERYDAY), threshold) for image in probe.images)
    by_image = [robustness for robustness in found if robustness]
    if not by_image:
        return f"{name}: no predictions yet."
    total, interval = combine_images(by_image)
    bounds = ""
    if interval:
        bounds = f", 95% confidence interval {interval.low * 100:.0f} to {interval.high * 100:.0f}"
    return (
        f"{name} changes its top label for {total.flips:,} of {total.images:,} perturbed images"
        f" ({total.share * 100:.1f}%{bounds});"
        f" the score of the original top label changes by {-total.drop:+.2f} on average."
    )


def _show_change(page: Page, probe: Probe, threshold: float) -> None:
    """Compare each candidate with the baseline on the images for which both have results."""
    (baseline, first), *others = page.versions.items()
    for name, version in others:
        pairs = [
            (before, after)
            for image in probe.images
            if (before := measure_robustness(probe.find_changes(first, [image], EVERYDAY), threshold))
            and (after := measure_robustness(probe.find_changes(version, [image], EVERYDAY), threshold))
        ]
        if pairs:
            st.markdown(escape_markdown(_describe_change(compare_robustness(pairs), baseline, name)))


def _describe_change(change: RobustnessChange, baseline: str, candidate: str) -> str:
    difference = f"The share of {candidate} differs from that of {baseline} by {change.difference * 100:+.1f} points"
    if change.interval is None:
        return f"{difference}; fewer than {MIN_IMAGES} images are too few for a confidence interval."
    low, high = change.interval.low * 100, change.interval.high * 100
    return f"{difference} (95% confidence interval {low:+.1f} to {high:+.1f})."


def _show_shares(page: Page, probe: Probe, threshold: float) -> None:
    by_version = {
        name: [
            measure_robustness(probe.find_changes(version, probe.images, [perturbation]), threshold)
            for perturbation in EVERYDAY
        ]
        for name, version in page.versions.items()
    }
    st.plotly_chart(
        flip_shares(by_version, _EDITS, page.colors),
        key="flip-shares",
        config={"displayModeBar": False},
        alt=describe_flips(by_version, _EDITS),
    )
    with st.expander("Table with score changes"):
        columns = {escape_markdown(name): list(map(_format_robustness, row)) for name, row in by_version.items()}
        st.table({"Edit": _EDITS} | columns)


def _format_robustness(robustness: Robustness | None) -> str:
    return f"{format_flips(robustness)} flipped, score {-robustness.drop:+.2f}" if robustness else NOT_PREDICTED


def _list_labels(page: Page, probe: Probe, threshold: float) -> dict[str, list[str]]:
    """Return the columns of a table: the top labels of the only image, unedited and after each edit."""
    (image,) = probe.images
    columns = {"Edit": ["None", *_EDITS]}
    for name, version in page.versions.items():
        before = probe.find_before(image.sha256, version)
        after = [probe.find_after(image.sha256, version, perturbation.key) for perturbation in EVERYDAY]
        columns[escape_markdown(name)] = [
            escape_markdown(_describe_top(prediction, before, threshold)) for prediction in (before, *after)
        ]
    return columns


def _describe_top(prediction: Prediction | None, before: Prediction | None, threshold: float) -> str:
    if not prediction or not before:
        return NOT_PREDICTED
    label = find_top_label(prediction, threshold)
    text = f"{label} {prediction.top.value:.2f}" if label is not None and prediction.top else "no label"
    return text if label == find_top_label(before, threshold) else f"{text} (flipped)"
