"""The list of sessions: search, rows, and the actions on each session."""

from collections.abc import Sequence

import streamlit as st

from lib.domain.audit import Action
from lib.domain.people import Role
from lib.domain.sessions import Session, SessionOrder, SessionSearch, SessionSummary
from lib.stats.descriptions import format_share
from lib.store import Store
from lib.ui.addresses import HISTORY, matrix_address
from lib.ui.current_session import leave_session
from lib.ui.text import escape_markdown, format_age, format_exact_time, format_images, format_versions
from lib.ui.visitor import find_actor, needs
from lib.web import resources
from lib.web.sign_in import current_user
from lib.workflows.sessions import archive_session, delete_session, rename_session, restore_session

SEARCH_KEY = "find"
ORDER_KEY = "order"
ARCHIVED_KEY = "archived"
PAGE_KEY = "sessions-page"
SESSIONS_A_PAGE = 20


def choose_search() -> SessionSearch:
    """Ask which sessions to list, and in what order."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        words = st.text_input(
            "Search", key=SEARCH_KEY, bind="query-params", on_change=_to_first_page, placeholder="Title or name"
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
    pages = max(1, -(-store.count_sessions(search) // SESSIONS_A_PAGE))
    number = st.pagination(pages, key=PAGE_KEY, bind="query-params") if pages > 1 else 1
    return store.find_sessions(search, offset=(number - 1) * SESSIONS_A_PAGE, limit=SESSIONS_A_PAGE)


def _to_first_page() -> None:
    st.session_state[PAGE_KEY] = 1


CONFIRM_KEY = "confirm-deletion"
KEEP_KEY = "keep-session"
_RENAMED = "session-renamed"
_RENAME, _ARCHIVE, _RESTORE, _DELETE = "Rename", "Archive", "Bring back", "Delete"


def show_sessions(store: Store, summaries: Sequence[SessionSummary]) -> None:
    """Title, maker, date and numbers of each; the title opens its matrix, the menu changes it."""
    role = current_user().role
    for summary in summaries:
        with st.container(horizontal=True, vertical_alignment="center", border=True, key=f"row-{summary.session.id}"):
            _show_row(store, summary)
            if role >= Role.REVIEWER:
                _offer_actions(store, summary.session, role)


def _show_row(store: Store, summary: SessionSummary) -> None:
    session = summary.session
    with st.container(gap="xxsmall"):
        if st.session_state.get(_RENAMED) == session.id:
            _edit_title(store, session)
        else:
            st.page_link(HISTORY, label=escape_markdown(session.title), query_params=matrix_address(session.id))
        st.caption(escape_markdown(" · ".join(_describe_session(summary))), help=format_exact_time(session.created_at))


def _describe_session(summary: SessionSummary) -> list[str]:
    session = summary.session
    numbers = [format_images(session.image_count), format_versions(summary.version_count)]
    if summary.agreement is not None:
        numbers.append(f"{format_share(summary.agreement)} agreement")
    if session.image_count:
        numbers.append(f"{format_share(summary.reviewed_share)} reviewed")
    who = f"by {session.created_by}, " if session.created_by else ""
    return [*numbers, f"{who}{format_age(session.created_at)}"]


def _edit_title(store: Store, session: Session) -> None:
    key = f"title-{session.id}"

    def store_title() -> None:
        rename(store, session, st.session_state[key])
        st.session_state.pop(_RENAMED, None)

    st.text_input("Title", session.title, key=key, on_change=store_title, max_chars=200, label_visibility="collapsed")


@needs(Action.RENAME_SESSION)
def rename(store: Store, session: Session, title: str) -> None:
    """Give the session the title, unless it is empty."""
    rename_session(store, find_actor(), session.id, title)


def _offer_actions(store: Store, session: Session, role: Role) -> None:
    chosen = st.menu_button(
        "Change",
        [_RENAME, _RESTORE if session.archived else _ARCHIVE, *([_DELETE] if role >= Role.ADMIN else [])],
        key=f"change-{session.id}",
        icon=":material/more_vert:",
        type="tertiary",
    )
    if chosen == _RENAME:
        st.session_state[_RENAMED] = session.id
        st.rerun()
    elif chosen == _ARCHIVE:
        _archive(store, session)
        st.rerun()
    elif chosen == _RESTORE:
        _restore(store, session)
        st.rerun()
    elif chosen == _DELETE:
        _confirm_deletion(store, session)


@needs(Action.ARCHIVE_SESSION)
def _archive(store: Store, session: Session) -> None:
    archive_session(store, find_actor(), session.id)


@needs(Action.RESTORE_SESSION)
def _restore(store: Store, session: Session) -> None:
    restore_session(store, find_actor(), session.id)


@st.dialog("Delete this session?")
def _confirm_deletion(store: Store, session: Session) -> None:
    st.text(session.title)
    st.markdown(escape_markdown(_describe_loss(store, session)))
    with st.container(horizontal=True):
        st.button("Delete", type="primary", key=CONFIRM_KEY, on_click=_delete, args=(store, session))
        st.button("Keep", key=KEEP_KEY)
    if st.session_state[CONFIRM_KEY] or st.session_state[KEEP_KEY]:
        st.rerun()  # closes the dialog


def _describe_loss(store: Store, session: Session) -> str:
    own = store.count_own_images(session.id)
    shared = session.image_count - own
    lost = f"{format_images(own)}, all that versions said of them and all labels set here will be lost for good."
    kept = f" {format_images(shared)} will stay: other sessions have the same." if shared else ""
    return lost + kept


@needs(Action.DELETE_SESSION)
def _delete(store: Store, session: Session) -> None:
    delete_session(store, find_actor(), session.id, resources.runs().find_active(session.id))
    leave_session(session.id)
