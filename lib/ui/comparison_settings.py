"""Settings that every comparison of versions depends on, kept in the address: score threshold and margin."""

import streamlit as st

THRESHOLD_KEY = "from"
MARGIN_KEY = "margin"
MATRIX_PAGE_KEY = "rows-page"


def choose_threshold(width: int) -> float:
    """Ask for the score, from 0 to 1, that a top label needs to count as a label."""
    threshold: float = st.slider(
        "Score threshold",
        0.0,
        1.0,
        0.0,
        0.01,
        key=THRESHOLD_KEY,
        bind="query-params",
        on_change=show_first_page,
        width=width,
        help="A top label with a lower score counts as no label, which is never correct.",
    )
    return threshold


def choose_margin() -> float:
    """Ask how much accuracy a candidate may lose; returns a share from 0 to 1, where 0 means no such test."""
    points: float = st.number_input(
        "Non-inferiority margin (points)",
        min_value=0.0,
        max_value=50.0,
        step=0.5,
        key=MARGIN_KEY,
        bind="query-params",
        width=280,
        help="The accuracy that a candidate may lose and still be acceptable. Set 0.5 or more to test for it.",
    )
    return points / 100


def show_first_page() -> None:
    """Return the matrix to its first page, because other settings select other rows."""
    st.session_state[MATRIX_PAGE_KEY] = 1
