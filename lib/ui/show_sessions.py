"""The list of sessions."""

from collections.abc import Sequence

import streamlit as st

from lib.domain.session import Session
from lib.settings import ROOT
from lib.store import Store
from lib.ui.words import say_ago, say_images

PAGE_KEY = "sessions-page"
_SESSIONS_A_PAGE = 20


def choose_sessions(store: Store) -> list[Session]:
    """One page of the sessions, latest first; asks for the page where there are several."""
    pages = max(1, -(-store.count_sessions() // _SESSIONS_A_PAGE))
    number = st.pagination(pages, key=PAGE_KEY, bind="query-params") if pages > 1 else 1
    return store.find_sessions(offset=(number - 1) * _SESSIONS_A_PAGE, limit=_SESSIONS_A_PAGE)


def show_sessions(sessions: Sequence[Session]) -> None:
    """Title, date and number of images of each; the title opens it."""
    for session in sessions:
        with st.container(horizontal=True, vertical_alignment="center", border=True):
            st.page_link(ROOT / "pages/predict.py", label=session.title, query_params={"session": session.id})
            st.caption(f"{say_images(session.image_count)} · {say_ago(session.created_at)}")
