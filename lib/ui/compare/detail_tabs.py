"""The tabs behind the verdict, and those that are one chart: Calibration, Thresholds, Latency.

A new tab is a function `show_…` with an entry in `_TABS`. Its figure, and the words for it, come from `lib/charts`.
"""

import streamlit as st

from lib.charts.latency_change import describe_latency, latency_change
from lib.charts.reliability_diagram import describe_reliability, reliability_diagram
from lib.charts.threshold_charts import describe_curves, threshold_curves
from lib.stats.calibration import MIN_IMAGES
from lib.stats.descriptions import describe_recommended_threshold, format_share
from lib.stats.latency import LatencyChange
from lib.stats.thresholds import recommend_threshold
from lib.ui.compare.flips_tab import show_flips
from lib.ui.compare.label_tabs import show_confusion, show_labels
from lib.ui.compare.near_duplicates_tab import show_groups
from lib.ui.frame import Page, show_tabs
from lib.ui.text import escape_markdown
from lib.workflows.compare import VersionComparison
from lib.workflows.version_figures import (
    count_labels,
    describe_missing_labels,
    find_calibrations,
    find_labels,
    find_threshold_curves,
)

TABS_KEY = "detail"
PRECISION_KEY = "wanted-precision"


def show_calibration(page: Page, comparison: VersionComparison) -> None:
    """Draw the reliability diagram of both versions, with calibration error and Brier score."""
    sample = find_labels(comparison)
    if sample is None:
        st.info(escape_markdown(describe_missing_labels(comparison)))
        return
    calibrations = find_calibrations(comparison, sample)
    if not calibrations:
        st.info(
            f"{len(sample.pairs)} of at least {MIN_IMAGES} images have ground truth. With fewer images, every model"
            " appears badly calibrated."
        )
        return
    st.caption(escape_markdown(count_labels(sample, comparison)))
    for name, calibration in calibrations.items():
        st.markdown(
            escape_markdown(
                f"{name}: expected calibration error {calibration.error:.3f} (a perfectly calibrated version would show"
                f" {calibration.perfect_error:.3f} here), Brier score {calibration.brier:.3f} (0 is perfect,"
                f" {calibration.worst_brier:.3g} the worst for these scores)"
            )
        )
    if not comparison.result.is_distribution:
        st.caption("Multi-label model: calibration error covers the top label, the Brier score covers all labels.")
    st.plotly_chart(
        reliability_diagram(calibrations, page.colors),
        key="reliability",
        config={"displayModeBar": False},
        alt=describe_reliability(calibrations),
    )


def show_thresholds(page: Page, comparison: VersionComparison) -> None:
    """Draw precision, coverage and recall over the score threshold, and recommend one for a target precision."""
    sample = find_labels(comparison)
    if sample is None:
        st.info(escape_markdown(describe_missing_labels(comparison)))
        return
    st.caption(escape_markdown(count_labels(sample, comparison)))
    target = st.slider("Target precision (%)", 50, 99, 95, key=PRECISION_KEY, bind="query-params", width=320) / 100
    curves = find_threshold_curves(comparison)
    recommended = {name: recommend_threshold(points, target) for name, points in curves.items()}
    for name, point in recommended.items():
        if point:
            text = describe_recommended_threshold(point)
        else:
            text = f"No threshold reaches {format_share(target)} precision with enough certainty"
        st.markdown(escape_markdown(f"{name}: {text}"))
    st.caption("Choose a threshold per version: scores of different versions are not comparable.")
    st.plotly_chart(
        threshold_curves(curves, recommended, page.colors),
        key="thresholds",
        config={"displayModeBar": False},
        alt=describe_curves(curves),
    )


def show_latency(page: Page, comparison: VersionComparison) -> None:
    """Draw median and 95th percentile of both versions, and describe the difference."""
    change = comparison.result.latency
    if change is None:
        return
    latencies = {comparison.baseline: change.baseline, comparison.candidate: change.candidate}
    st.plotly_chart(
        latency_change(latencies, page.colors),
        key="latency",
        config={"displayModeBar": False},
        alt=describe_latency(latencies),
    )
    st.caption("Dot: median. Bar: 95th percentile.")
    st.markdown(escape_markdown(_describe_latency_change(change, comparison.candidate)))
    st.caption("Latency includes retries and was measured when each image was predicted.")


def _describe_latency_change(change: LatencyChange, candidate: str) -> str:
    # Plus zero: a difference that rounds to zero has no sign of its own.
    difference = f"Per image, {candidate} takes {round(change.difference_s * 1000, 1) + 0.0:+.1f} ms (median difference"
    if change.interval_s is None:
        return f"{difference}). Fewer than six independent images: too few to tell."
    low, high = (bound * 1000 for bound in (change.interval_s.low, change.interval_s.high))
    conclusion = "No significant difference."
    if low > 0:
        conclusion = f"{candidate} is slower."
    elif high < 0:
        conclusion = f"{candidate} is faster."
    return f"{difference}, 95% CI {low:+.1f} to {high:+.1f}). {conclusion}"


_TABS = {
    "Fixes and regressions": show_flips,
    "Confusion": show_confusion,
    "Calibration": show_calibration,
    "Thresholds": show_thresholds,
    "Latency": show_latency,
    "Labels": show_labels,
    "Near-duplicates": show_groups,
}


def show_details(page: Page, comparison: VersionComparison) -> None:
    """Draw a tab for each question about the comparison. Only the open tab is computed."""
    if comparison.pairs:
        show_tabs(_TABS, TABS_KEY, page, comparison)
    else:
        st.info("No images predicted by both versions yet. Predict with both versions first.")
