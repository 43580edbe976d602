"""The session in the page's address.

Streamlit drops free parameters of the address when one goes to another page, so the id is also kept for the visit.
"""

from datetime import UTC, datetime

import streamlit as st

from lib.domain.sessions import Session
from lib.store import Store
from lib.ui.text import format_day, to_local
from lib.ui.visitor import find_actor
from lib.workflows.sessions import create_session

_PARAMETER = "session"
_KEPT = "current-session"
_SEEN = "seen-session"


def find_current_session(store: Store) -> Session | None:
    """The session that the address names, or the one of this visit; None before there is one.

    Raises UnknownSession where the address names one that does not exist.
    """
    session_id = st.query_params.get(_PARAMETER) or st.session_state.get(_KEPT)
    if not session_id:
        return None
    session = store.sessions.get(session_id)
    enter_session(session.id)
    return session


def remember_seen(session: Session | None) -> str | None:
    """Note which session this page shows; gives the id that the page before showed: "" for none, None at first."""
    before: str | None = st.session_state.get(_SEEN)
    st.session_state[_SEEN] = session.id if session else ""
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
    remember_seen(session)  # it goes on with what is chosen, whatever was asked about its images elsewhere
    return session
