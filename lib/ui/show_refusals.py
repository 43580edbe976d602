"""Files that could not be taken in, with the reason, until someone has read them."""

import streamlit as st

from lib.domain.audit import Action
from lib.store import Store
from lib.ui.text import shorten_name
from lib.ui.visitor import find_actor, needs
from lib.workflows.sessions import dismiss_file_errors

DISMISS_KEY = "dismiss-refusals"
_SHOWN = 20


def show_refusals(store: Store, session_id: str) -> None:
    """Each file's name and the sentence that says why it is not among the cards."""
    refusals = store.images.find_refusals(session_id)
    if not refusals:
        return
    with st.container(border=True):
        st.markdown(f"**Not added** ({len(refusals)})")
        for refusal in refusals[:_SHOWN]:
            st.text(f"{shorten_name(refusal.name)}: {refusal.reason}")
        if len(refusals) > _SHOWN:
            st.caption(f"and {len(refusals) - _SHOWN} more")
        st.button("Dismiss", key=DISMISS_KEY, on_click=_clear, args=(store, session_id))


@needs(Action.DISMISS_FILE_ERRORS)
def _clear(store: Store, session_id: str) -> None:
    dismiss_file_errors(store, find_actor(), session_id)
