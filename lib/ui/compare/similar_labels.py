"""Labels that are written almost alike: a warning, and the choice to treat them as the same."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from lib.domain.label_texts import SameLabels, merge_groups
from lib.domain.reviews import ReviewStatus
from lib.ui.frame import Page
from lib.ui.text import escape_markdown
from lib.ui.visitor import find_actor, makes_change
from lib.workflows.compare import VersionComparison
from lib.workflows.reviews import change_review

SAME_KEY = "treat-as-same"
DIFFERENT_KEY = "treat-as-different"


def show_label_texts(page: Page, comparisons: Sequence[VersionComparison]) -> None:
    """Warn of labels that are written almost alike, and offer to treat them as the same in this session."""
    similar = sorted({group for comparison in comparisons for group in comparison.similar_labels})
    same = sorted({group for comparison in comparisons for group in comparison.same_labels})
    session_ids = {comparison.version_pair.session_id for comparison in comparisons}
    (session_id,) = session_ids if len(session_ids) == 1 else (None,)
    if similar:
        listed = "; ".join(" / ".join(group) for group in similar)
        st.warning(escape_markdown(f"These labels are written almost alike, and count as different: {listed}"))
    is_open = session_id is not None and page.store.reviews.get(session_id).status is not ReviewStatus.DONE
    may_change = is_open and not page.read_only
    if similar and may_change:
        args = (page, session_id, (*same, *similar))
        st.button("Treat as the same", key=SAME_KEY, on_click=_set_same_labels, args=args)
    if same and may_change:
        args = (page, session_id, ())
        st.button("Treat all labels as different", key=DIFFERENT_KEY, on_click=_set_same_labels, args=args)


@makes_change
def _set_same_labels(page: Page, session_id: str, groups: tuple[SameLabels, ...]) -> None:
    change_review(
        page.store, find_actor(), session_id, lambda review: replace(review, same_labels=merge_groups(groups))
    )
