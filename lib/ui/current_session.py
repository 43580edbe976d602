"""The current session: the one in the page's address, and its place in the sidebar.

Streamlit drops the address's own parameters on a change of page, so the id is also kept in the session state.
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

NEW_SESSION_KEY = "new-session"
_PARAMETER = "session"
_KEPT = "current-session"
_SHOWN = "session-shown"


def find_current_session(store: Store) -> Session | None:
    """Return the session that the address names, or the last one of this visit; None before there is one.

    Raises UnknownSession where the address names one that does not exist.
    """
    session_id = st.query_params.get(_PARAMETER) or st.session_state.get(_KEPT)
    if not session_id:
        return None
    session = store.sessions.get(session_id)
    enter_session(session.id)
    return session


def remember_shown(session: Session | None) -> str | None:
    """Remember the session that this page shows. Returns the id shown before: "" for none, None on the first page."""
    before: str | None = st.session_state.get(_SHOWN)
    st.session_state[_SHOWN] = session.id if session else ""
    return before


def enter_session(session_id: str) -> None:
    """Make this the current session, and name it in the address."""
    st.session_state[_KEPT] = session_id
    st.query_params[_PARAMETER] = session_id


def leave_session(session_id: str | None = None) -> None:
    """Leave the current session, or only the one with this id; the next image then starts a new session."""
    if session_id not in {None, st.session_state.get(_KEPT)}:
        return
    st.session_state.pop(_KEPT, None)
    st.query_params.pop(_PARAMETER, None)


def start_session(store: Store) -> Session:
    """Create and enter a session, titled with the visitor's date and time."""
    now = datetime.now(UTC)
    session = create_session(store, find_actor(), f"Session {format_day(now)}, {to_local(now):%H:%M}")
    enter_session(session.id)
    remember_shown(session)  # keeps the versions chosen now, whatever predicted its images in other sessions
    return session


def show_current_session(session: Session | None) -> None:
    """Draw the sidebar's last part: the session, a button for a new one, and the visitor."""
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
        if session is None and may(Role.REVIEWER):
            st.text("No session yet. Your first image starts one.")
        elif session is None:
            st.text("No session selected. Choose one in History.")
        show_visitor()
