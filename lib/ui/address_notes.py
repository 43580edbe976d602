"""How the page came by its address, and what is said where it cannot be shown as it asks."""

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from lib.ui.text import escape_markdown

_NOTE = "address-note"
_NOTED_OF = "address-note-of"


def came_back() -> bool:
    """Whether this run shows an address that *Back* or *Forward* led to.

    Streamlit then sets each question to what the address says or, where it says nothing, to its default, and never to
    what is set in the session state: what is usual there must be the default.
    """
    run = get_script_run_ctx()
    return bool(run and run.is_history_navigation)


def note_address(sentence: str) -> None:
    """Keep a sentence on the address, to be shown once the questions are answered."""
    st.session_state[_NOTE] = sentence
    st.session_state.pop(_NOTED_OF, None)


def show_address_note(shown: tuple[str, ...]) -> None:
    """Show the sentence, until something is chosen other than what was `shown` with it at first."""
    if st.session_state.setdefault(_NOTED_OF, shown) != shown:
        st.session_state.pop(_NOTE, None)
    if note := st.session_state.get(_NOTE):
        st.warning(escape_markdown(note), icon=":material/link_off:")
