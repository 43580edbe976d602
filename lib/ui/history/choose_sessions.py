"""The questions above the list of sessions."""

import streamlit as st

from lib.domain.sessions import SessionOrder, SessionSearch, SessionSummary
from lib.store import Store

WORDS_KEY = "find"
ORDER_KEY = "order"
ARCHIVED_KEY = "archived"
PAGE_KEY = "sessions-page"
SESSIONS_A_PAGE = 20


def choose_search() -> SessionSearch:
    """Ask which sessions to list, and in what order."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        words = st.text_input(
            "Search", key=WORDS_KEY, bind="query-params", on_change=_to_first_page, placeholder="Title or name"
        )
        order = st.selectbox(
            "Sorted by",
            [order.value for order in SessionOrder],
            key=ORDER_KEY,
            bind="query-params",
            on_change=_to_first_page,
            width=220,
        )
        archived = st.toggle("Archived", key=ARCHIVED_KEY, bind="query-params", on_change=_to_first_page)
    return SessionSearch(words.strip(), archived, SessionOrder(order))


def choose_page(store: Store, search: SessionSearch) -> list[SessionSummary]:
    """One page of what the search finds; asks for the page where there are several."""
    pages = max(1, -(-store.sessions.count(search) // SESSIONS_A_PAGE))
    number = st.pagination(pages, key=PAGE_KEY, bind="query-params") if pages > 1 else 1
    return store.sessions.find(search, offset=(number - 1) * SESSIONS_A_PAGE, limit=SESSIONS_A_PAGE)


def _to_first_page() -> None:
    st.session_state[PAGE_KEY] = 1
