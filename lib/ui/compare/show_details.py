"""What is behind the verdict, a tab for each question."""

import streamlit as st

from lib.ui.compare.show_calibration import show_calibration
from lib.ui.compare.show_confusion import show_confusion
from lib.ui.compare.show_flips import show_flips
from lib.ui.compare.show_labels import show_labels
from lib.ui.compare.show_latency import show_latency
from lib.ui.compare.show_thresholds import show_thresholds
from lib.ui.frame import Page
from lib.workflows.compare import VersionComparison

TABS_KEY = "detail"
_PARTS = {
    "Fixes and regressions": show_flips,
    "Confusion": show_confusion,
    "Calibration": show_calibration,
    "Thresholds": show_thresholds,
    "Latency": show_latency,
    "Labels": show_labels,
}


def show_details(page: Page, comparison: VersionComparison) -> None:
    """The open tab's part of the comparison; the others cost nothing."""
    if not comparison.pairs:
        st.info("No images predicted by both versions yet. Predict with both versions first.")
        return
    for tab, show in zip(
        st.tabs(list(_PARTS), on_change="rerun", key=TABS_KEY, bind="query-params"), _PARTS.values(), strict=True
    ):
        if tab.open:
            with tab:
                show(page, comparison)
