"""Settings that every comparison of versions depends on, kept in the address."""

import streamlit as st

from lib.domain.reviews import Review
from lib.stats.near_duplicates import BURST, Grouping

THRESHOLD_KEY = "from"
MARGIN_KEY = "margin"
GROUPING_KEY = "groups"
MATRIX_PAGE_KEY = "rows-page"
MARGIN_LABEL = "Non-inferiority margin (points)"
MOST_POINTS = 50.0
DEFAULTS = Review()


def choose_threshold(width: int, review: Review = DEFAULTS) -> float:
    """Ask for the score, from 0 to 1, that a top label needs to count as a label. Begins with that of the review."""
    threshold: float = st.slider(
        "Score threshold",
        0.0,
        1.0,
        review.threshold,
        0.01,
        key=THRESHOLD_KEY,
        bind="query-params",
        on_change=show_first_page,
        width=width,
        help="A top label with a lower score counts as no label, which is never correct.",
    )
    return threshold


def choose_margin(review: Review = DEFAULTS) -> float:
    """Ask how much accuracy a candidate may lose; returns a share from 0 to 1, where 0 means no such test.

    Begins with that of the review.
    """
    points: float = st.number_input(
        MARGIN_LABEL,
        min_value=0.0,
        max_value=MOST_POINTS,
        value=review.margin * 100,
        step=0.5,
        key=MARGIN_KEY,
        bind="query-params",
        width=230,
        help="The accuracy that a candidate may lose and still be acceptable. Set 0.5 or more to test for it.",
    )
    return points / 100


def choose_grouping() -> Grouping:
    """Ask how near-duplicates are found."""
    name = st.selectbox(
        "Near-duplicates",
        [grouping.value for grouping in Grouping],
        key=GROUPING_KEY,
        bind="query-params",
        width=180,
        help=f"Images that look alike, share a folder, or were captured within {BURST.seconds} seconds count as one in"
        " tests and widen intervals.",
    )
    return Grouping(name)


def show_first_page() -> None:
    """Return the matrix to its first page, because other settings select other rows."""
    st.session_state[MATRIX_PAGE_KEY] = 1
