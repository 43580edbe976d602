"""Filters, score bounds and order of a session's matrix, kept in the address."""

import streamlit as st

from lib.domain.matrix import Filter, RowOrder, RowSearch
from lib.domain.predictions import ModelVersion
from lib.ui.comparison_settings import choose_threshold, show_first_page

FILTERS_KEY = "rows"
LABEL_KEY = "label"
BELOW_KEY = "below"
ORDER_KEY = "sort"


def choose_rows(versions: dict[str, ModelVersion]) -> RowSearch:
    """Ask for signs, bounds and order of the rows; `versions` are the columns, baseline first."""
    signs = st.pills(
        "Only rows with all of these",
        [sign.value for sign in Filter],
        selection_mode="multi",
        key=FILTERS_KEY,
        bind="query-params",
        on_change=show_first_page,
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label, below = _choose_bounds()
        threshold = choose_threshold(width=220)
        order = st.selectbox(
            "Sorted by",
            [order.value for order in RowOrder],
            key=ORDER_KEY,
            bind="query-params",
            on_change=show_first_page,
            width=220,
        )
    return RowSearch(
        versions=tuple(versions.values()),
        signs=frozenset(Filter(sign) for sign in signs or []),
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
        placeholder="any",
        key=BELOW_KEY,
        bind="query-params",
        on_change=show_first_page,
        width=160,
    )
    return label, below


def show_only(*signs: Filter, order: RowOrder = RowOrder.ADDED) -> None:
    """Choose these rows, and no others; to be called before the questions are drawn."""
    st.session_state[FILTERS_KEY] = [sign.value for sign in signs]
    st.session_state[LABEL_KEY] = ""
    st.session_state[BELOW_KEY] = None
    st.session_state[ORDER_KEY] = order.value
    show_first_page()
