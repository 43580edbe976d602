"""One session: its title, what is under way, its matrix, trends, and ways to take it along."""

from collections.abc import Callable

import streamlit as st

from lib.domain.sessions import Session
from lib.ui.addresses import HISTORY
from lib.ui.frame import Page
from lib.ui.history.ask_more import offer_other_version
from lib.ui.history.choose_rows import choose_rows
from lib.ui.history.offer_exports import offer_exports
from lib.ui.history.set_truths import offer_truths
from lib.ui.history.show_matrix import choose_images, choose_number, find_page
from lib.ui.history.show_sessions import give_title
from lib.ui.history.show_trends import IMAGES_TAB, TABS_KEY, show_trends
from lib.ui.predictions import find_active_run, offer_predictions
from lib.ui.sharing.offer_sharing import offer_sharing
from lib.ui.show_image import show_asked_image
from lib.ui.show_progress import show_progress
from lib.ui.show_tabs import show_tabs
from lib.ui.text import escape_markdown, format_count

TITLE_KEY = "session-title"


def show_session(page: Page, session: Session) -> None:
    """Everything about one session."""
    if page.read_only:
        st.subheader(escape_markdown(session.title), anchor=False)
    else:
        _show_title(page, session)
    run = find_active_run(session.id)
    if run:
        show_progress(run, redraw=True)
    elif not page.read_only:
        offer_predictions(page, session)
        offer_other_version(page, session)
    parts = _PARTS if page.read_only else {**_PARTS, "Share": offer_sharing}
    show_tabs(parts, TABS_KEY, page, session)


def show_matrix(page: Page, session: Session) -> None:
    """The rows that are asked for, what they show, and the card of one."""
    search = choose_rows(page.versions)
    found = find_page(page.store, session.id, search)
    if not found.rows:
        st.info("No row is like that." if session.image_count else "This session has no image yet.")
    else:
        rule = page.store.annotations.get_review(session.id).rule
        count = f"{found.total:,} of {format_count(session.image_count, 'image')}"
        st.caption(escape_markdown(f"{count}. A label is the truth by this rule: {rule.value}."))
        selected = choose_images(found, session.id, page.versions, search, selectable=not page.read_only)
        if not page.read_only:
            offer_truths(page.store, session.id, selected, page.store.predictions.find_versions(session.id))
        choose_number(found)
    show_asked_image(page, session.id, [row.image.sha256 for row in found.rows], answers_of=session.id)


_PARTS: dict[str, Callable[[Page, Session], None]] = {
    IMAGES_TAB: show_matrix,
    "Trends": show_trends,
    "Take it along": offer_exports,
}


def _show_title(page: Page, session: Session) -> None:
    key = f"{TITLE_KEY}-{session.id}"

    def rename() -> None:
        give_title(page.store, session, st.session_state[key])

    if st.session_state.get(key) != session.title:  # an empty one was given, or it was renamed elsewhere
        st.session_state[key] = session.title
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input("Title", key=key, on_change=rename, max_chars=200)
        st.page_link(HISTORY, label="All sessions", icon=":material/arrow_back:")
