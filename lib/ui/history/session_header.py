"""One session: its title, what is under way, its matrix, trends, and ways to take it along."""

from collections.abc import Callable

import streamlit as st

from lib.domain.audit import Action
from lib.domain.predictions import ModelVersion
from lib.domain.sessions import Session
from lib.ui.addresses import HISTORY
from lib.ui.choose_versions import FAMILY_KEY, VERSIONS_KEY, name_versions
from lib.ui.frame import Page, show_tabs
from lib.ui.history.export_tab import offer_exports
from lib.ui.history.matrix_filters import choose_rows
from lib.ui.history.matrix_table import choose_page_number, choose_rows_of_table, find_page
from lib.ui.history.share_tab import offer_links
from lib.ui.history.trends_tab import IMAGES_TAB, TABS_KEY, show_trends
from lib.ui.image_dialog import show_requested_image
from lib.ui.job_controls import find_active_run, offer_predictions, predict, show_progress
from lib.ui.text import escape_markdown, format_count, format_images
from lib.ui.true_labels import offer_true_labels
from lib.ui.visitor import needs

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
    parts = _PARTS if page.read_only else {**_PARTS, "Share": offer_links}
    show_tabs(parts, TABS_KEY, page, session)


def show_matrix(page: Page, session: Session) -> None:
    """The rows that are asked for, what they show, and the card of one."""
    search = choose_rows(page.versions)
    found = find_page(page.store, session.id, search)
    if not found.rows:
        st.info("No row is like that." if session.image_count else "This session has no image yet.")
    else:
        rule = page.store.get_review(session.id).rule
        count = f"{found.total:,} of {format_count(session.image_count, 'image')}"
        st.caption(escape_markdown(f"{count}. A label is the truth by this rule: {rule.value}."))
        selected = choose_rows_of_table(found, session.id, page.versions, search, selectable=not page.read_only)
        if not page.read_only:
            offer_true_labels(page.store, session.id, selected, page.store.find_versions(session.id))
        choose_page_number(found)
    show_requested_image(page, session.id, [row.image.sha256 for row in found.rows], answers_of=session.id)


_PARTS: dict[str, Callable[[Page, Session], None]] = {
    IMAGES_TAB: show_matrix,
    "Trends": show_trends,
    "Take it along": offer_exports,
}


def _show_title(page: Page, session: Session) -> None:
    key = f"{TITLE_KEY}-{session.id}"

    def store_title() -> None:
        rename(page.store, session, st.session_state[key])

    if st.session_state.get(key) != session.title:  # an empty one was given, or it was renamed elsewhere
        st.session_state[key] = session.title
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input("Title", key=key, on_change=store_title, max_chars=200)
        st.page_link(HISTORY, label="All sessions", icon=":material/arrow_back:")


OTHER_KEY = "other-version"
ASK_KEY = "ask-other-version"


def offer_other_version(page: Page, session: Session) -> None:
    """Ask for one of the versions that have answers missing, and run it over just those images."""
    missing = _find_missing(page, session)
    if not missing:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox("Predict with another version", list(missing), key=OTHER_KEY, width=260)
        version, count = missing[name]
        st.button(
            f"Predict {format_images(count)}",
            key=ASK_KEY,
            on_click=_predict_and_show,
            args=(page, session.id, name, version),
        )


def _find_missing(page: Page, session: Session) -> dict[str, tuple[ModelVersion, int]]:
    coverage = page.store.find_coverage(session.id)
    served = page.choice.served or []
    names = name_versions(st.session_state.get(FAMILY_KEY, ""), served, list(coverage))
    asked = {version: count.predictions + count.failures for version, count in coverage.items()}
    counts = {
        name: (version, session.image_count - asked.get(version, 0))
        for name, version in names.items()
        if version in served and version not in page.versions.values()
    }
    return {name: (version, count) for name, (version, count) in counts.items() if count}


@needs(Action.PREDICT)
def _predict_and_show(page: Page, session_id: str, name: str, version: ModelVersion) -> None:
    predict(page, session_id, [version])
    st.session_state[VERSIONS_KEY] = [*page.versions, name]
