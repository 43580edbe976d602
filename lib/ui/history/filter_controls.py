"""Filters, score bounds and sort order of a session's matrix, kept in the address."""

import streamlit as st

from lib.domain.matrix import Filter, RowOrder, RowSearch
from lib.domain.predictions import ModelVersion
from lib.domain.reviews import Review
from lib.ui.comparison_settings import choose_threshold, show_first_page

FILTERS_KEY = "rows"
LABEL_KEY = "label"
BELOW_KEY = "below"
ORDER_KEY = "sort"


def choose_rows(versions: dict[str, ModelVersion], review: Review) -> RowSearch:
    """Ask for filters, bounds, score threshold and sort order. `versions` are the columns, baseline first."""
    filters = st.pills(
        "Filters",
        [filter_.value for filter_ in Filter],
        selection_mode="multi",
        key=FILTERS_KEY,
        bind="query-params",
        on_change=show_first_page,
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label, below = _choose_bounds()
        threshold = choose_threshold(220, review)
        order = st.selectbox(
            "Sort by",
            [order.value for order in RowOrder],
            key=ORDER_KEY,
            bind="query-params",
            on_change=show_first_page,
            width=220,
        )
    return RowSearch(
        versions=tuple(versions.values()),
        filters=frozenset(Filter(name) for name in filters or []),
        below=below,
        label=label.strip(),
        threshold=threshold,
        order=RowOrder(order),
    )


def _choose_bounds() -> tuple[str, float | None]:
    label = st.text_input("Label contains", key=LABEL_KEY, bind="query-params", on_change=show_first_page, width=200)
    below = st.number_input(
        "Top score below",
        min_value=0.0,
        max_value=1.0,
        value=None,
        step=0.05,
        placeholder="Any",
        key=BELOW_KEY,
        bind="query-params",
        on_change=show_first_page,
        width=160,
    )
    return label, below


def set_filters(*filters: Filter, order: RowOrder = RowOrder.ADDED) -> None:
    """Choose these filters and no others; call before the widgets are drawn."""
    st.session_state[FILTERS_KEY] = [filter_.value for filter_ in filters]
    st.session_state[LABEL_KEY] = ""
    st.session_state[BELOW_KEY] = None
    st.session_state[ORDER_KEY] = order.value
    show_first_page()


def clear_filters() -> None:
    """Choose no filters and no bounds; the sort order stays."""
    set_filters(order=RowOrder(st.session_state.get(ORDER_KEY, RowOrder.ADDED.value)))
