"""How long the versions take."""

import streamlit as st

from lib.stats.latency import Latency
from lib.ui.frame import Page
from lib.ui.words import plain, say_latency
from lib.workflows.contest import Contest


def show_latency(_: Page, contest: Contest) -> None:
    """Median and 95th percentile of both, and whether one is faster."""
    change = contest.comparison.latency
    if change is None:
        return
    for name, latency in ((contest.baseline, change.baseline), (contest.candidate, change.candidate)):
        st.markdown(plain(f"{name}: {_say(latency)}"))
    low, high = (bound * 1000 for bound in (change.interval_s.low, change.interval_s.high))
    st.markdown(
        plain(
            f"Image by image {contest.candidate} takes {change.difference_s * 1000:+.1f} ms (median of the differences,"
            f" 95 % interval {low:+.1f} to {high:+.1f}). {_judge(low, high, contest)}"
        )
    )
    st.caption("From asking to the answer, retries included, as it was when each image was asked about.")


def _say(latency: Latency) -> str:
    return f"half of the answers within {say_latency(latency.median_s)}, 95 % within {say_latency(latency.p95_s)}"


def _judge(low: float, high: float, contest: Contest) -> str:
    if low > 0:
        return f"{contest.candidate} is slower."
    return f"{contest.candidate} is faster." if high < 0 else "No difference is sure."
