"""The Trends tab: a session's versions in charts; selecting a point opens the images behind it."""

from collections.abc import Mapping

import streamlit as st

from lib.charts.trends import Trend, TrendKind, describe_trend, trend_figure
from lib.domain.matrix import Filter, RowOrder
from lib.domain.predictions import ModelVersion
from lib.domain.sessions import Session
from lib.store import Store
from lib.ui.comparison_settings import choose_threshold
from lib.ui.frame import Page
from lib.ui.history.filter_controls import set_filters
from lib.ui.text import NO_VERSION, escape_markdown, format_images
from lib.ui.version_choice import VERSIONS_KEY
from lib.web import resources
from lib.workflows.version_figures import find_trends

TABS_KEY = "part"
IMAGES_TAB = "Images"
_CHART_KEY = "trend"
_IMAGES_BEHIND: dict[TrendKind, tuple[tuple[Filter, ...], RowOrder]] = {
    TrendKind.ACCURACY: ((Filter.WRONG,), RowOrder.ADDED),
    TrendKind.AGREEMENT: ((Filter.DISAGREE,), RowOrder.CHANGE),
    TrendKind.SCORE: ((), RowOrder.MARGIN),
    TrendKind.LATENCY: ((), RowOrder.LATENCY),
}


def show_trends(page: Page, session: Session) -> None:
    """Draw a chart each for accuracy, agreement with the baseline, median score and median latency."""
    if not page.versions:
        st.info(NO_VERSION)
        return
    threshold = choose_threshold(220, page.store.reviews.get(session.id))
    state = repr((page.store.sessions.find_state(), session.id, page.versions, threshold))
    trends = _find_trends(state, page.store, session.id, page.versions, threshold)
    images = format_images(max(trend.metrics.images for trend in trends))
    caption = f"On {images} that all shown versions predicted. Select a point to see its images."
    st.caption(escape_markdown(caption))
    grid = st.grid("auto", min_column_width=380, gap="medium")
    for kind in TrendKind:
        with grid.cell():
            st.subheader(escape_markdown(kind.value), anchor=False)
            if kind is TrendKind.ACCURACY and not any(trend.accuracy for trend in trends):
                st.info("Not known yet: this needs labels of disagreements and of images on which all versions agree.")
            else:
                _show_trend(kind, trends, page.colors)


@st.cache_resource(show_spinner="Computing trends …", max_entries=20)
def _find_trends(
    state: str,  # noqa: ARG001 - the key of Streamlit's cache
    _store: Store,
    _session_id: str,
    _versions: Mapping[str, ModelVersion],
    _threshold: float,
) -> list[Trend]:
    return find_trends(_store, _session_id, _versions, _threshold, resources.image_workers())


def _show_trend(kind: TrendKind, trends: list[Trend], colors: Mapping[str, str]) -> None:
    key = f"{_CHART_KEY}-{kind.name}"

    def open_images() -> None:
        points = st.session_state[key]["selection"]["points"]
        if points:
            show_images_behind(kind, points[0]["customdata"][0], trends)

    st.plotly_chart(
        trend_figure(kind, trends, colors),
        key=key,
        on_select=open_images,
        selection_mode="points",
        config={"displayModeBar": False},
        alt=describe_trend(kind, trends),
    )


def show_images_behind(kind: TrendKind, version: str, trends: list[Trend]) -> None:
    """Open the images behind a version's point: its wrong, different, low-margin or slowest predictions."""
    baseline = [trends[0].metrics.version] if kind is TrendKind.AGREEMENT else []
    st.session_state[VERSIONS_KEY] = list(dict.fromkeys([*baseline, version]))
    filters, order = _IMAGES_BEHIND[kind]
    set_filters(*filters, order=order)
    st.session_state[TABS_KEY] = IMAGES_TAB
