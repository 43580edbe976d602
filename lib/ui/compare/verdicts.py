"""Comparison settings, and a card with the verdict for each candidate."""

from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

import streamlit as st

from lib.domain.predictions import ModelVersion
from lib.stats.comparison import Verdict
from lib.store import Store
from lib.ui.comparison_settings import choose_margin, choose_threshold
from lib.ui.frame import Page
from lib.ui.text import escape_markdown
from lib.web import resources
from lib.workflows.compare import (
    ComparisonSettings,
    VersionComparison,
    describe_blocking_regressions,
    describe_caveats,
    describe_comparison,
    find_comparisons,
)

SCOPE_KEY = "over"
CANDIDATE_KEY = "candidate"
_THIS, _ALL = "This session", "All sessions"

_Color: TypeAlias = Literal["green", "red", "blue", "orange", "gray"]
_BADGES: dict[Verdict, tuple[str, str, _Color]] = {
    Verdict.BETTER: ("Better", ":material/trending_up:", "green"),
    Verdict.WORSE: ("Worse", ":material/trending_down:", "red"),
    Verdict.NO_WORSE: ("No worse", ":material/trending_flat:", "blue"),
    Verdict.WORSE_WITHIN_MARGIN: ("Worse, within the margin", ":material/trending_down:", "blue"),
    Verdict.CANNOT_BE_SETTLED: ("More labels cannot decide", ":material/block:", "gray"),
    Verdict.NOT_ENOUGH_LABELS: ("Not enough labels yet", ":material/hourglass_empty:", "orange"),
    Verdict.NO_DIFFERENCE: ("No difference seen", ":material/equal:", "gray"),
}


def choose_settings(page: Page) -> ComparisonSettings:
    """Ask which images to compare on, for the score threshold and for the non-inferiority margin."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        session_id = _choose_scope(page)
        threshold = choose_threshold(width=220)
        margin = choose_margin()
    return ComparisonSettings(session_id, threshold, margin)


def _choose_scope(page: Page) -> str | None:
    """Ask for this session or all sessions (None)."""
    if page.session is None:
        st.markdown("Over all sessions")
        return None
    if page.by_link:
        return page.session.id
    scope = st.segmented_control(
        "Over", [_THIS, _ALL], default=_THIS, required=True, key=SCOPE_KEY, bind="query-params"
    )
    return None if scope == _ALL else page.session.id


def compare_versions(page: Page, settings: ComparisonSettings) -> list[VersionComparison]:
    """Compare the first chosen version with each of the others; cached until the store changes."""
    state = repr((page.store.sessions.find_state(), settings, page.versions))
    return _compare(state, page.store, page.versions, settings)


@st.cache_resource(show_spinner="Comparing …", max_entries=20)
def _compare(
    state: str,  # noqa: ARG001 - the key of Streamlit's cache
    _store: Store,
    _versions: Mapping[str, ModelVersion],
    _settings: ComparisonSettings,
) -> list[VersionComparison]:
    return find_comparisons(_store, _versions, _settings, images=resources.image_workers())


def show_verdicts(page: Page, comparisons: Sequence[VersionComparison]) -> None:
    """Draw regressions in the must-not-regress set first, and then a card for each candidate: the verdict, the sentence
    behind it, and its caveats.
    """
    for regressions in filter(None, map(describe_blocking_regressions, comparisons)):
        st.error(escape_markdown(regressions), icon=":material/gpp_bad:")
    for comparison in comparisons:
        with st.container(border=True):
            _show_verdict(page, comparison)


def _show_verdict(page: Page, comparison: VersionComparison) -> None:
    name, icon, color = _BADGES[comparison.result.verdict]
    st.badge(escape_markdown(name), icon=icon, color=color)
    st.markdown(escape_markdown(describe_comparison(comparison)))
    for sentence in describe_caveats(comparison):
        st.caption(escape_markdown(sentence))
    if comparison.version_pair.session_id:
        rule = page.store.reviews.get(comparison.version_pair.session_id).rule
        st.caption(escape_markdown(f"Ground-truth rule: {rule.value}."))


def choose_candidate(comparisons: list[VersionComparison]) -> VersionComparison:
    """Return the comparison to show in detail; asks for the candidate if there are several."""
    if len(comparisons) == 1:
        return comparisons[0]
    by_name = {comparison.candidate: comparison for comparison in comparisons}
    name = st.selectbox("Candidate", list(by_name), key=CANDIDATE_KEY, bind="query-params", width=220)
    return by_name[name]
