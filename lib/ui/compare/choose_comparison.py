"""The questions above a comparison: over which images, from which score on, and how much worse is still good."""

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from lib.domain.pair import Answer, Matchup, Pair
from lib.stats.comparison import Comparison, compare_many
from lib.ui.frame import Page
from lib.ui.history.choose_rows import choose_threshold
from lib.workflows.looks import ensure_looks

SCOPE_KEY = "over"
MARGIN_KEY = "margin"
CANDIDATE_KEY = "candidate"
_THIS, _ALL = "This session", "All sessions"


@dataclass(frozen=True, slots=True)
class Contest:
    """A baseline and one candidate, by their names on the page, with the images that both answered.

    `unanswered` counts the images of the session that one of them did not answer; None over all sessions.
    """

    baseline: str
    candidate: str
    matchup: Matchup
    pairs: list[Pair]
    comparison: Comparison
    threshold: float
    unanswered: int | None

    @property
    def truths(self) -> list[str]:
        """The known truths, in the order of `labelled`."""
        return [pair.truth for pair in self.pairs if pair.truth is not None]

    @property
    def labelled_answers(self) -> dict[str, list[Answer]]:
        """Both versions' answers by name, in the order of `truths`."""
        known = [pair for pair in self.pairs if pair.truth is not None]
        return {self.baseline: [pair.baseline for pair in known], self.candidate: [pair.candidate for pair in known]}


def choose_contests(page: Page) -> list[Contest]:
    """Ask over which images and how strictly to compare; gives a contest for each candidate."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        session_id = _choose_scope(page)
        threshold = choose_threshold(width=220)
        margin = st.number_input(
            "Still good if worse by at most (points)",
            min_value=0.0,
            max_value=50.0,
            step=0.5,
            key=MARGIN_KEY,
            bind="query-params",
            width=280,
            help="From 0.5 on it is also asked whether the candidate is no worse than that, in points of accuracy.",
        )
    (baseline, first), *others = page.versions.items()
    matchups = {name: Matchup(session_id, first, version) for name, version in others}
    pairs = {name: find_pairs(page, matchup) for name, matchup in matchups.items()}
    state = (*page.store.find_state(), threshold, margin, *matchups.values())
    comparisons = _compare(repr(state), pairs, threshold, margin / 100)
    images = page.session.image_count if page.session and session_id else None
    return [
        Contest(
            baseline,
            name,
            matchup,
            pairs[name],
            comparisons[name],
            threshold,
            None if images is None else images - len(pairs[name]),
        )
        for name, matchup in matchups.items()
    ]


def choose_contest(contests: list[Contest]) -> Contest:
    """The contest whose details are shown; asks where there are several."""
    by_name = {contest.candidate: contest for contest in contests}
    if len(contests) == 1:
        return contests[0]
    name = st.segmented_control(
        "Candidate", list(by_name), default=contests[0].candidate, required=True, key=CANDIDATE_KEY, bind="query-params"
    )
    return by_name.get(name or "", contests[0])


def find_pairs(page: Page, matchup: Matchup) -> list[Pair]:
    """The images that both versions answered, each with what it looks like."""
    key = repr((page.store.find_state(), matchup))
    return _find_pairs(key, page, matchup)


@st.cache_resource(show_spinner=False, max_entries=20)
def _find_pairs(key: str, _page: Page, _matchup: Matchup) -> list[Pair]:  # noqa: ARG001 - Streamlit's cache reads it
    pairs = _page.store.find_pairs(_matchup)
    if all(pair.look is not None for pair in pairs):
        return pairs
    with st.spinner("Looking for images that look alike …"):
        ensure_looks(_page.store, [pair.sha256 for pair in pairs])
    return _page.store.find_pairs(_matchup)


@st.cache_resource(show_spinner=False, max_entries=20)
def _compare(
    key: str,  # noqa: ARG001 - Streamlit's cache reads it
    _pairs: Mapping[str, list[Pair]],
    threshold: float,
    margin: float,
) -> dict[str, Comparison]:
    return compare_many(_pairs, threshold=threshold, margin=margin)


def _choose_scope(page: Page) -> str | None:
    if page.session is None:
        st.markdown("Over all sessions")
        return None
    scope = st.segmented_control(
        "Over", [_THIS, _ALL], default=_THIS, required=True, key=SCOPE_KEY, bind="query-params"
    )
    return None if scope == _ALL else page.session.id
