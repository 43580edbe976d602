"""The sidebar's last word: which session this is, and who looks at it."""

import streamlit as st

from lib.domain.people import Role
from lib.domain.sessions import Session
from lib.ui.addresses import HISTORY, matrix_address
from lib.ui.current_session import leave_session
from lib.ui.text import escape_markdown
from lib.ui.visitor import may, show_visitor

NEW_SESSION_KEY = "new-session"


def show_session(session: Session | None) -> None:
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
