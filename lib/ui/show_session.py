"""The sidebar's last word: which session this is."""

import streamlit as st

from lib.domain.session import Session
from lib.ui.current_session import leave_session

NEW_SESSION_KEY = "new-session"


def show_session(session: Session | None) -> None:
    """The session's title in the sidebar, and a way out of it; others are opened from History."""
    with st.sidebar.container(gap="xsmall"):
        st.markdown("Session")
        st.text(session.title if session else "A new one starts with the first image.")
        if session:
            st.button("New session", key=NEW_SESSION_KEY, icon=":material/add:", on_click=leave_session)
