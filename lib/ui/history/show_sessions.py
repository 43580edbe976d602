"""The list of sessions, and what can be done with each."""

from collections.abc import Sequence

import streamlit as st

from lib.domain.audit import Action
from lib.domain.people import Role
from lib.domain.sessions import Session, SessionSummary
from lib.stats.descriptions import format_share
from lib.store import Store
from lib.ui.addresses import HISTORY, matrix_address
from lib.ui.current_session import leave_session
from lib.ui.text import escape_markdown, format_age, format_exact_time, format_images, format_versions
from lib.ui.visitor import find_actor, needs
from lib.web import resources
from lib.web.sign_in import current_user
from lib.workflows.sessions import archive_session, delete_session, rename_session, restore_session

CONFIRM_KEY = "confirm-deletion"
KEEP_KEY = "keep-session"
_RENAMED = "session-renamed"
_RENAME, _ARCHIVE, _BRING_BACK, _DELETE = "Rename", "Archive", "Bring back", "Delete"


def show_sessions(store: Store, summaries: Sequence[SessionSummary]) -> None:
    """Title, maker, date and numbers of each; the title opens its matrix, the menu changes it."""
    role = current_user().role
    for summary in summaries:
        with st.container(horizontal=True, vertical_alignment="center", border=True, key=f"row-{summary.session.id}"):
            _show_session(store, summary)
            if role >= Role.REVIEWER:
                _offer_changes(store, summary.session, role)


def _show_session(store: Store, summary: SessionSummary) -> None:
    session = summary.session
    with st.container(gap="xxsmall"):
        if st.session_state.get(_RENAMED) == session.id:
            _rename_in_place(store, session)
        else:
            st.page_link(HISTORY, label=escape_markdown(session.title), query_params=matrix_address(session.id))
        st.caption(escape_markdown(" · ".join(_say_numbers(summary))), help=format_exact_time(session.created_at))


def _say_numbers(summary: SessionSummary) -> list[str]:
    session = summary.session
    numbers = [format_images(session.image_count), format_versions(summary.version_count)]
    if summary.agreement is not None:
        numbers.append(f"{format_share(summary.agreement)} agreement")
    if session.image_count:
        numbers.append(f"{format_share(summary.reviewed_share)} reviewed")
    who = f"by {session.created_by}, " if session.created_by else ""
    return [*numbers, f"{who}{format_age(session.created_at)}"]


def _rename_in_place(store: Store, session: Session) -> None:
    key = f"title-{session.id}"

    def rename() -> None:
        give_title(store, session, st.session_state[key])
        st.session_state.pop(_RENAMED, None)

    st.text_input("Title", session.title, key=key, on_change=rename, max_chars=200, label_visibility="collapsed")


@needs(Action.RENAME_SESSION)
def give_title(store: Store, session: Session, title: str) -> None:
    """Give the session the title, unless it is empty."""
    rename_session(store, find_actor(), session.id, title)


def _offer_changes(store: Store, session: Session, role: Role) -> None:
    chosen = st.menu_button(
        "Change",
        [_RENAME, _BRING_BACK if session.archived else _ARCHIVE, *([_DELETE] if role >= Role.ADMIN else [])],
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
    elif chosen == _BRING_BACK:
        _bring_back(store, session)
        st.rerun()
    elif chosen == _DELETE:
        _confirm_deletion(store, session)


@needs(Action.ARCHIVE_SESSION)
def _archive(store: Store, session: Session) -> None:
    archive_session(store, find_actor(), session.id)


@needs(Action.RESTORE_SESSION)
def _bring_back(store: Store, session: Session) -> None:
    restore_session(store, find_actor(), session.id)


@st.dialog("Delete this session?")
def _confirm_deletion(store: Store, session: Session) -> None:
    st.text(session.title)
    st.markdown(escape_markdown(_say_loss(store, session)))
    with st.container(horizontal=True):
        st.button("Delete", type="primary", key=CONFIRM_KEY, on_click=_delete, args=(store, session))
        st.button("Keep", key=KEEP_KEY)
    if st.session_state[CONFIRM_KEY] or st.session_state[KEEP_KEY]:
        st.rerun()  # closes the dialog


def _say_loss(store: Store, session: Session) -> str:
    own = store.sessions.count_own_images(session.id)
    shared = session.image_count - own
    lost = f"{format_images(own)}, all that versions said of them and all labels set here will be lost for good."
    kept = f" {format_images(shared)} will stay: other sessions have the same." if shared else ""
    return lost + kept


@needs(Action.DELETE_SESSION)
def _delete(store: Store, session: Session) -> None:
    delete_session(store, find_actor(), session.id, resources.runs().find_active(session.id))
    leave_session(session.id)
