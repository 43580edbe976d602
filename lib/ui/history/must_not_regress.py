"""Add selected images of a session to its must-not-regress set, or remove them from it."""

from collections.abc import Sequence

import streamlit as st

from lib.store import Store
from lib.ui.true_labels import clear_selection
from lib.ui.visitor import find_actor, makes_change
from lib.workflows.annotations import set_must_not_regress

MARK_KEY = "mark-must-not-regress"
UNMARK_KEY = "unmark-must-not-regress"
_HELP = "A regression on an image of this set is named first on Compare, and fails the release gate."


def offer_must_not_regress(store: Store, session_id: str, sha256s: Sequence[str]) -> None:
    """Draw the buttons for the selected images; nothing without a selection."""
    if not sha256s:
        return
    selection = (store, session_id, tuple(sha256s))
    with st.container(horizontal=True):
        st.button("Add to must-not-regress set", key=MARK_KEY, help=_HELP, on_click=_mark, args=selection)
        st.button("Remove from set", key=UNMARK_KEY, on_click=_unmark, args=selection)


@makes_change
def _mark(store: Store, session_id: str, sha256s: Sequence[str]) -> None:
    set_must_not_regress(store, find_actor(), session_id, sha256s, marked=True)
    clear_selection()


@makes_change
def _unmark(store: Store, session_id: str, sha256s: Sequence[str]) -> None:
    set_must_not_regress(store, find_actor(), session_id, sha256s, marked=False)
    clear_selection()
