"""The History page: all sessions or, with a session in the address, its matrix, trends, export and sharing."""

from collections.abc import Callable

import streamlit as st

from lib.domain.sessions import Session
from lib.ui.addresses import PREDICT, requests_matrix
from lib.ui.frame import Page, Shows, open_page, show_tabs
from lib.ui.history.export_tab import offer_exports
from lib.ui.history.matrix_table import show_matrix
from lib.ui.history.session_header import show_header
from lib.ui.history.session_list import choose_page, choose_search, show_no_match, show_sessions
from lib.ui.history.share_tab import offer_links
from lib.ui.history.trends_tab import IMAGES_TAB, TABS_KEY, show_trends
from lib.ui.text import EXPORT_TAB

SHARE_TAB = "Share"
_TABS: dict[str, Callable[[Page, Session], None]] = {
    IMAGES_TAB: show_matrix,
    "Trends": show_trends,
    EXPORT_TAB: offer_exports,
}


def show_session(page: Page, session: Session) -> None:
    """Show the session's header and tabs. Only reviewers may share it."""
    show_header(page, session)
    tabs = _TABS if page.read_only else {**_TABS, SHARE_TAB: offer_links}
    show_tabs(tabs, TABS_KEY, page, session)


def show_list(page: Page) -> None:
    """Show the matching sessions or, where there are none, what to do."""
    search = choose_search()
    sessions = choose_page(page.store, search)
    if sessions:
        show_sessions(page.store, sessions)
    elif search.words or search.archived:
        show_no_match()
    else:
        st.markdown("No sessions yet. Upload images to start one.")
        st.page_link(PREDICT, label="Upload images", icon=":material/photo_camera:")


with open_page("History", shows=Shows.PREDICTIONS if requests_matrix() else Shows.NOTHING) as page:
    if page.session and requests_matrix():
        show_session(page, page.session)
    else:
        show_list(page)
