"""The sidebar's last question: which session."""

import streamlit as st

from lib.domain.session import Session
from lib.store import Store
from lib.ui.current_session import enter_session, leave_session

SESSION_KEY = "session-choice"
_NEW = ""
_OFFERED = 20


def show_session_choice(store: Store, current: Session | None) -> None:
    """A list of the latest sessions in the sidebar, with a new one on top; choosing one enters it."""
    offered = {session.id: session.title for session in store.find_sessions(limit=_OFFERED)}
    if current:
        offered[current.id] = current.title
    # The choice follows the session, not the other way round: links and new images change the session too.
    st.session_state[SESSION_KEY] = current.id if current else _NEW
    st.sidebar.selectbox(
        "Session",
        [_NEW, *offered],
        format_func=lambda session_id: offered.get(session_id, "New session"),
        key=SESSION_KEY,
        on_change=_enter_chosen,
    )


def _enter_chosen() -> None:
    chosen = st.session_state[SESSION_KEY]
    if chosen == _NEW:
        leave_session()
    else:
        enter_session(chosen)
