"""How long the versions take."""

import streamlit as st

from lib.charts.latency_change import describe_latency, latency_change
from lib.charts.theme import colors_of
from lib.ui.frame import Page
from lib.ui.text import escape_markdown
from lib.workflows.compare import VersionComparison


def show_latency(page: Page, comparison: VersionComparison) -> None:
    """Median and 95th percentile of both, and whether one is faster."""
    change = comparison.result.latency
    if change is None:
        return
    latencies = {comparison.baseline: change.baseline, comparison.candidate: change.candidate}
    st.plotly_chart(
        latency_change(latencies, colors_of(page.versions)),
        key="latency",
        config={"displayModeBar": False},
        alt=describe_latency(latencies),
    )
    st.caption("Dot: median. Bar: 95th percentile.")
    low, high = (bound * 1000 for bound in (change.interval_s.low, change.interval_s.high))
    st.markdown(
        escape_markdown(
            f"Per image, {comparison.candidate} takes {change.difference_s * 1000:+.1f} ms (median of the differences,"
            f" 95% interval {low:+.1f} to {high:+.1f}). {_judge(low, high, comparison)}"
        )
    )
    st.caption("Latency includes retries and was measured when each image was predicted.")


def _judge(low: float, high: float, comparison: VersionComparison) -> str:
    if low > 0:
        return f"{comparison.candidate} is slower."
    return f"{comparison.candidate} is faster." if high < 0 else "No difference is sure."
