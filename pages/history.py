"""All sessions; or one of them as a matrix of images and versions."""

import streamlit as st

from lib.ui.addresses import PREDICT, requests_matrix
from lib.ui.frame import Page, open_page
from lib.ui.history.session_header import show_session
from lib.ui.history.session_list import choose_page, choose_search, show_sessions


def show_all(page: Page) -> None:
    """The sessions that are looked for; where there is none at all, what to do."""
    search = choose_search()
    sessions = choose_page(page.store, search)
    if sessions:
        show_sessions(page.store, sessions)
    elif search.words or search.archived:
        st.info("No session is like that.")
    else:
        st.markdown("Every session is kept here, with its images and answers. There is none yet.")
        st.page_link(PREDICT, label="Bring the first images", icon=":material/photo_camera:")


with open_page("History") as page:
    if page.session and requests_matrix():
        show_session(page, page.session)
    else:
        show_all(page)
