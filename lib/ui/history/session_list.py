"""The list of sessions: search, rows, and the actions on each session."""

from collections.abc import Sequence

import streamlit as st

from lib.domain.people import Role
from lib.domain.sessions import Session, SessionOrder, SessionSearch, SessionSummary
from lib.stats.descriptions import format_share
from lib.store import Store
from lib.ui.addresses import HISTORY, matrix_address
from lib.ui.current_session import leave_session
from lib.ui.text import escape_markdown, format_age, format_exact_time, format_images, format_versions
from lib.ui.visitor import find_actor, makes_change
from lib.web import resources
from lib.web.sign_in import current_user
from lib.workflows.sessions import archive_session, delete_session, rename_session, restore_session

SEARCH_KEY = "find"
ORDER_KEY = "order"
ARCHIVED_KEY = "archived"
PAGE_KEY = "sessions-page"
CLEAR_SEARCH_KEY = "clear-search"
CONFIRM_KEY = "confirm-deletion"
CANCEL_KEY = "cancel-deletion"
SESSIONS_PER_PAGE = 20
_RENAMED = "session-renamed"
_RENAME, _ARCHIVE, _RESTORE, _DELETE = "Rename", "Archive", "Restore", "Delete"


def choose_search() -> SessionSearch:
    """Ask which sessions to list, and in what order."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            "Search", key=SEARCH_KEY, bind="query-params", on_change=_show_first_page, placeholder="Title or name"
        )
        order = st.selectbox(
            "Sort by",
            [order.value for order in SessionOrder],
            key=ORDER_KEY,
            bind="query-params",
            on_change=_show_first_page,
            width=220,
        )
        archived = st.toggle("Archived", key=ARCHIVED_KEY, bind="query-params", on_change=_show_first_page)
    return SessionSearch(text.strip(), archived, SessionOrder(order))


def choose_page(store: Store, search: SessionSearch) -> list[SessionSummary]:
    """Return one page of the matching sessions; asks for the page where there are several."""
    pages = max(1, -(-store.sessions.count(search) // SESSIONS_PER_PAGE))
    number = st.pagination(pages, key=PAGE_KEY, bind="query-params") if pages > 1 else 1
    return store.sessions.find(search, offset=(number - 1) * SESSIONS_PER_PAGE, limit=SESSIONS_PER_PAGE)


def show_no_match() -> None:
    """Draw the empty result of a search, with a button that clears it."""
    st.info("No matching sessions.")
    st.button("Clear filters", key=CLEAR_SEARCH_KEY, on_click=_clear_search)


def _clear_search() -> None:
    st.session_state[SEARCH_KEY] = ""
    st.session_state[ARCHIVED_KEY] = False
    _show_first_page()


def _show_first_page() -> None:
    st.session_state[PAGE_KEY] = 1


def show_sessions(store: Store, summaries: Sequence[SessionSummary]) -> None:
    """Draw a row for each session: a link to its matrix, its numbers, and a menu of actions for reviewers."""
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
        st.caption(
            escape_markdown(" · ".join(_describe_session(store, summary))), help=format_exact_time(session.created_at)
        )


def _describe_session(store: Store, summary: SessionSummary) -> list[str]:
    session = summary.session
    parts = [format_images(session.image_count), format_versions(summary.version_count)]
    if summary.agreement is not None and not store.reviews.get(session.id).is_hidden:
        parts.append(f"{format_share(summary.agreement)} agreement")
    if session.image_count:
        parts.append(f"{format_share(summary.reviewed_share)} reviewed")
    creator = f"by {session.created_by}, " if session.created_by else ""
    return [*parts, f"{creator}{format_age(session.created_at)}"]


def _edit_title(store: Store, session: Session) -> None:
    key = f"title-{session.id}"

    def rename() -> None:
        save_title(store, session, st.session_state[key])
        st.session_state.pop(_RENAMED, None)

    st.text_input("Title", session.title, key=key, on_change=rename, max_chars=200, label_visibility="collapsed")


@makes_change
def save_title(store: Store, session: Session, title: str) -> None:
    """Rename the session, unless the title is empty."""
    rename_session(store, find_actor(), session.id, title)


def _offer_actions(store: Store, session: Session, role: Role) -> None:
    chosen = st.menu_button(
        "Actions",
        [_RENAME, _RESTORE if session.archived else _ARCHIVE, *([_DELETE] if role >= Role.ADMIN else [])],
        key=f"actions-{session.id}",
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


@makes_change
def _archive(store: Store, session: Session) -> None:
    archive_session(store, find_actor(), session.id)


@makes_change
def _restore(store: Store, session: Session) -> None:
    restore_session(store, find_actor(), session.id)


@st.dialog("Delete this session?")
def _confirm_deletion(store: Store, session: Session) -> None:
    st.text(session.title)
    st.markdown(escape_markdown(_describe_loss(store, session)))
    with st.container(horizontal=True):
        st.button("Delete session", type="primary", key=CONFIRM_KEY, on_click=_delete, args=(store, session))
        st.button("Cancel", key=CANCEL_KEY)
    if st.session_state[CONFIRM_KEY] or st.session_state[CANCEL_KEY]:
        st.rerun()  # closes the dialog


def _describe_loss(store: Store, session: Session) -> str:
    own = store.sessions.count_own_images(session.id)
    shared = session.image_count - own
    loss = f"This permanently deletes {format_images(own)} with their predictions, and all annotations made here."
    return f"{loss} {format_images(shared)} will be kept for other sessions." if shared else loss


@makes_change
def _delete(store: Store, session: Session) -> None:
    delete_session(store, find_actor(), session.id, resources.jobs())
    leave_session(session.id)
