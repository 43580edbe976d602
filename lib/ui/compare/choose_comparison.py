"""The questions above a comparison: over which images, from which score on, and how much worse is still good."""

from collections.abc import Mapping

import streamlit as st

from lib.domain.predictions import ModelVersion
from lib.store import Store
from lib.ui.comparison_settings import choose_margin, choose_threshold
from lib.ui.frame import Page
from lib.web import resources
from lib.workflows.compare import ComparisonSettings, VersionComparison, find_comparisons

SCOPE_KEY = "over"
CANDIDATE_KEY = "candidate"
_THIS, _ALL = "This session", "All sessions"


def choose_comparisons(page: Page) -> list[VersionComparison]:
    """Ask over which images and how strictly to compare; gives a comparison for each candidate."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        session_id = _choose_scope(page)
        threshold = choose_threshold(width=220)
        margin = choose_margin()
    terms = ComparisonSettings(session_id, threshold, margin)
    state = repr((page.store.sessions.find_state(), terms, page.versions))
    return _find_contests(state, page.store, page.versions, terms)


def choose_comparison(comparisons: list[VersionComparison]) -> VersionComparison:
    """The comparison whose details are shown; asks where there are several."""
    if len(comparisons) == 1:
        return comparisons[0]
    by_name = {comparison.candidate: comparison for comparison in comparisons}
    name = st.selectbox("Candidate", list(by_name), key=CANDIDATE_KEY, bind="query-params", width=220)
    return by_name[name]


def _choose_scope(page: Page) -> str | None:
    if page.session is None:
        st.markdown("Over all sessions")
        return None
    if page.by_link:
        return page.session.id
    scope = st.segmented_control(
        "Over", [_THIS, _ALL], default=_THIS, required=True, key=SCOPE_KEY, bind="query-params"
    )
    return None if scope == _ALL else page.session.id


@st.cache_resource(show_spinner="Comparing …", max_entries=20)
def _find_contests(
    state: str,  # noqa: ARG001 - Streamlit's cache reads it
    _store: Store,
    _versions: Mapping[str, ModelVersion],
    _terms: ComparisonSettings,
) -> list[VersionComparison]:
    return find_comparisons(_store, _versions, _terms, images=resources.image_workers())
