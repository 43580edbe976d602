"""The verdict in words, a card for each candidate, with all that one must know to believe it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal, TypeAlias

import streamlit as st

from lib.stats.comparison import Verdict
from lib.ui.frame import Page
from lib.ui.text import escape_markdown
from lib.workflows.compare import VersionComparison, describe_caveats, describe_comparison, record_interim_analysis

_Color: TypeAlias = Literal["green", "red", "blue", "orange", "gray"]
_SIGNS: dict[Verdict, tuple[str, str, _Color]] = {
    Verdict.BETTER: ("Better", ":material/trending_up:", "green"),
    Verdict.WORSE: ("Worse", ":material/trending_down:", "red"),
    Verdict.NO_WORSE: ("No worse", ":material/trending_flat:", "blue"),
    Verdict.NOT_ENOUGH: ("Not enough evidence", ":material/hourglass_empty:", "orange"),
    Verdict.NO_DIFFERENCE: ("No difference seen", ":material/equal:", "gray"),
    Verdict.NO_TRUTH: ("No known labels", ":material/label_off:", "gray"),
}


def show_verdicts(page: Page, comparisons: Sequence[VersionComparison]) -> None:
    """A card for each candidate."""
    for comparison in comparisons:
        with st.container(border=True):
            _show_verdict(page, comparison)


def _show_verdict(page: Page, comparison: VersionComparison) -> None:
    word, icon, color = _SIGNS[comparison.result.verdict]
    st.badge(escape_markdown(word), icon=icon, color=color)
    st.markdown(escape_markdown(describe_comparison(comparison)))
    for sentence in describe_caveats(comparison):
        st.caption(escape_markdown(sentence))
    if comparison.version_pair.session_id:
        rule = page.store.annotations.get_review(comparison.version_pair.session_id).rule
        st.caption(escape_markdown(f"Ground-truth rule: {rule.value}."))
    # Whoever looks by a link decides nothing, and leaves no trace.
    warning = None if page.read_only else record_interim_analysis(page.store, comparison, datetime.now(UTC))
    if warning:
        st.warning(escape_markdown(warning), icon=":material/visibility:")
