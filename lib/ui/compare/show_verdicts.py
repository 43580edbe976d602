"""The verdict in words, a card for each candidate, with all that one must know to believe it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal, TypeAlias

import streamlit as st

from lib.stats.comparison import Verdict
from lib.ui.frame import Page
from lib.ui.words import plain
from lib.workflows.compare import Contest, note_reading, say_contest, say_more

_Colour: TypeAlias = Literal["green", "red", "blue", "orange", "gray"]
_SIGNS: dict[Verdict, tuple[str, str, _Colour]] = {
    Verdict.BETTER: ("Better", ":material/trending_up:", "green"),
    Verdict.WORSE: ("Worse", ":material/trending_down:", "red"),
    Verdict.NO_WORSE: ("No worse", ":material/trending_flat:", "blue"),
    Verdict.NOT_ENOUGH: ("Not enough evidence", ":material/hourglass_empty:", "orange"),
    Verdict.NO_DIFFERENCE: ("No difference seen", ":material/equal:", "gray"),
    Verdict.NO_TRUTH: ("No known labels", ":material/label_off:", "gray"),
}


def show_verdicts(page: Page, contests: Sequence[Contest]) -> None:
    """A card for each candidate."""
    for contest in contests:
        with st.container(border=True):
            _show_verdict(page, contest)


def _show_verdict(page: Page, contest: Contest) -> None:
    word, icon, colour = _SIGNS[contest.comparison.verdict]
    st.badge(plain(word), icon=icon, color=colour)
    st.markdown(plain(say_contest(contest)))
    for sentence in say_more(contest):
        st.caption(plain(sentence))
    if contest.matchup.session_id:
        rule = page.store.get_review(contest.matchup.session_id).rule
        st.caption(plain(f"A label is known by this rule: {rule.value}."))
    # Whoever looks by a link decides nothing, and leaves no trace.
    warning = None if page.read_only else note_reading(page.store, contest, datetime.now(UTC))
    if warning:
        st.warning(plain(warning), icon=":material/visibility:")
