"""Images on which the versions differ in being right; without any truth those on which they differ at all."""

import streamlit as st

from lib.stats.comparison import find_disagreements, find_fixes, find_regressions
from lib.ui.compare.show_pairs import show_pairs
from lib.ui.frame import Page
from lib.ui.text import escape_markdown
from lib.workflows.compare import VersionComparison

FLIPS_KEY = "flips"


def show_flips(page: Page, comparison: VersionComparison) -> None:
    """Regressions first, the most certain wrong answer first; then fixes, and disagreements without a known label."""
    found = {
        "Regressions": find_regressions(comparison.pairs, comparison.threshold),
        "Fixes": find_fixes(comparison.pairs, comparison.threshold),
        "Disagreements": find_disagreements(comparison.pairs, comparison.threshold),
    }
    first = next((kind for kind, pairs in found.items() if pairs), "Regressions")
    st.markdown(escape_markdown(" · ".join(f"{kind} {len(pairs):,}" for kind, pairs in found.items())))
    if FLIPS_KEY not in st.query_params:
        st.session_state.setdefault(FLIPS_KEY, first)  # no default: the address would leave it out, and it may change
    chosen = st.segmented_control(
        "Images",
        list(found),
        format_func=escape_markdown,
        required=True,
        key=FLIPS_KEY,
        bind="query-params",
        label_visibility="collapsed",
    )
    pairs = found[chosen or first]
    if pairs:
        show_pairs(page, comparison, pairs)
    else:
        st.markdown("No matching images.")
