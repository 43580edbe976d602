"""The session in the page's address.

Streamlit drops free parameters of the address when one goes to another page, so the id is also kept for the visit.
"""

from datetime import UTC, datetime

import streamlit as st

from lib.domain.people import Role
from lib.domain.sessions import Session
from lib.store import Store
from lib.ui.addresses import HISTORY, matrix_address
from lib.ui.text import escape_markdown, format_day, to_local
from lib.ui.visitor import find_actor, may, show_visitor
from lib.workflows.sessions import create_session

_PARAMETER = "session"
_KEPT = "current-session"
_SHOWN = "seen-session"


def find_current_session(store: Store) -> Session | None:
    """The session that the address names, or the one of this visit; None before there is one.

    Raises UnknownSession where the address names one that does not exist.
    """
    session_id = st.query_params.get(_PARAMETER) or st.session_state.get(_KEPT)
    if not session_id:
        return None
    session = store.get_session(session_id)
    enter_session(session.id)
    return session


def remember_shown(session: Session | None) -> str | None:
    """Note which session this page shows; gives the id that the page before showed: "" for none, None at first."""
    before: str | None = st.session_state.get(_SHOWN)
    st.session_state[_SHOWN] = session.id if session else ""
    return before


def enter_session(session_id: str) -> None:
    """Make this the current session: the address names it from now on."""
    st.session_state[_KEPT] = session_id
    st.query_params[_PARAMETER] = session_id


def leave_session(session_id: str | None = None) -> None:
    """Go on without a session; the next images start a new one. With an id: only if it is that session."""
    if session_id not in {None, st.session_state.get(_KEPT)}:
        return
    st.session_state.pop(_KEPT, None)
    st.query_params.pop(_PARAMETER, None)


def start_session(store: Store) -> Session:
    """A new session, named after the visitor's date and time, and entered."""
    now = datetime.now(UTC)
    session = create_session(store, find_actor(), f"Session of {format_day(now)}, {to_local(now):%H:%M}")
    enter_session(session.id)
    remember_shown(session)  # it goes on with what is chosen, whatever was asked about its images elsewhere
    return session


NEW_SESSION_KEY = "new-session"


def show_current_session(session: Session | None) -> None:
    """The session's title in the sidebar, with the ways to its matrix and out of it; others are in History."""
    with st.sidebar.container(gap="xsmall"):
        st.markdown("Session")
        if session:
            st.page_link(
                HISTORY,
                label=escape_markdown(session.title),
                icon=":material/grid_on:",
                query_params=matrix_address(session.id),
            )
        if session and may(Role.REVIEWER):
            st.button("New session", key=NEW_SESSION_KEY, icon=":material/add:", on_click=leave_session)
        if session is None:
            st.text("A new one starts with the first image." if may(Role.REVIEWER) else "Open one in History.")
        show_visitor()
