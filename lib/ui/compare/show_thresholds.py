"""From which score on the versions can be left to decide by themselves."""

import streamlit as st

from lib.charts.theme import colors_of
from lib.charts.threshold_charts import describe_curves, threshold_curves
from lib.stats.descriptions import describe_threshold_advice, format_share
from lib.stats.thresholds import advise, sweep
from lib.ui.frame import Page
from lib.ui.text import escape_markdown
from lib.workflows.compare import VersionComparison

WANTED_KEY = "wanted-precision"


def show_thresholds(page: Page, comparison: VersionComparison) -> None:
    """Curves over the threshold, and the advice for a wanted precision."""
    if not comparison.truths:
        st.info("No ground truth yet. Review a few images to choose a score threshold.")
        return
    wanted = st.slider("Target precision (%)", 50, 99, 95, key=WANTED_KEY, bind="query-params", width=320) / 100
    curves = {name: sweep(answers, comparison.truths) for name, answers in comparison.labeled_answers.items()}
    advised = {name: advise(points, wanted) for name, points in curves.items()}
    for name, advice in advised.items():
        said = (
            describe_threshold_advice(advice)
            if advice
            else f"no threshold reaches {format_share(wanted)} on these images"
        )
        st.markdown(escape_markdown(f"{name}: {said}"))
    st.caption("Choose a threshold per version: scores of different versions are not comparable.")
    st.plotly_chart(
        threshold_curves(curves, advised, colors_of(page.versions)),
        key="thresholds",
        config={"displayModeBar": False},
        alt=describe_curves(curves),
    )
