"""From which score on the versions can be left to decide by themselves."""

import streamlit as st

from lib.charts.theme import colours_of
from lib.charts.threshold_charts import describe_curves, threshold_curves
from lib.stats.descriptions import say_advice, say_share
from lib.stats.thresholds import advise, sweep
from lib.ui.frame import Page
from lib.ui.words import plain
from lib.workflows.compare import Contest

WANTED_KEY = "wanted-precision"


def show_thresholds(page: Page, contest: Contest) -> None:
    """Curves over the threshold, and the advice for a wanted precision."""
    if not contest.truths:
        st.info("No image has a known label yet. Set some in History, and it will be seen which threshold to choose.")
        return
    wanted = st.slider("Precision that is wanted (%)", 50, 99, 95, key=WANTED_KEY, bind="query-params", width=320) / 100
    curves = {name: sweep(answers, contest.truths) for name, answers in contest.labelled_answers.items()}
    advised = {name: advise(points, wanted) for name, points in curves.items()}
    for name, advice in advised.items():
        said = say_advice(advice) if advice else f"no threshold is sure to reach {say_share(wanted)} on these images"
        st.markdown(plain(f"{name}: {said}"))
    st.caption("Each version has a threshold of its own: their scores need not mean the same.")
    st.plotly_chart(
        threshold_curves(curves, advised, colours_of(page.versions)),
        key="thresholds",
        config={"displayModeBar": False},
        alt=describe_curves(curves),
    )
