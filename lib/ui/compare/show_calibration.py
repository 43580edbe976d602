"""Whether the versions' scores can be taken at their word."""

import streamlit as st

from lib.charts.reliability_diagram import describe_reliability, reliability_diagram
from lib.charts.theme import colors_of
from lib.stats.calibration import ENOUGH_IMAGES, calibrate
from lib.ui.frame import Page
from lib.ui.text import escape_markdown
from lib.workflows.compare import VersionComparison


def show_calibration(page: Page, comparison: VersionComparison) -> None:
    """The reliability diagram of both versions, with their calibration error and Brier score."""
    found = {name: calibrate(answers, comparison.truths) for name, answers in comparison.labeled_answers.items()}
    calibrations = {name: calibration for name, calibration in found.items() if calibration is not None}
    if not calibrations:
        st.info(
            f"{len(comparison.truths)} of at least {ENOUGH_IMAGES} images have ground truth. With fewer images, every"
            " model appears badly calibrated."
        )
        return
    for name, calibration in calibrations.items():
        st.markdown(
            escape_markdown(
                f"{name}: expected calibration error {calibration.error:.3f} (0 is perfect),"
                f" Brier score {calibration.brier:.3f} (0 is perfect, 2 the worst)"
            )
        )
    if not comparison.result.is_distribution:
        st.caption("Multi-label model: this is about the top label, and the Brier score about all.")
    st.plotly_chart(
        reliability_diagram(calibrations, colors_of(page.versions)),
        key="reliability",
        config={"displayModeBar": False},
        alt=describe_reliability(calibrations),
    )
