"""The page that a link opens: one session, read-only, with no way to anything else."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

import streamlit as st

from lib.charts.theme import MOST_VERSIONS
from lib.domain.annotations import ReviewStatus
from lib.domain.predictions import ModelVersion
from lib.domain.sessions import Session, Share
from lib.errors import AppError
from lib.providers.automl_servers import BUILT_IN
from lib.settings import ROOT
from lib.store import Store
from lib.ui import providers
from lib.ui.addresses import VERSION_PARAMETER, find_share_token, use_share_token
from lib.ui.cards import choose_cards, choose_display_options, show_cards
from lib.ui.choose_versions import NO_CHOICE, name_versions
from lib.ui.compare.choose_comparison import choose_comparison, choose_comparisons
from lib.ui.compare.show_details import show_details
from lib.ui.compare.show_verdicts import show_verdicts
from lib.ui.frame import Page, show_tabs
from lib.ui.history.export_tab import offer_exports
from lib.ui.history.session_header import show_matrix
from lib.ui.text import escape_markdown, format_exact_time
from lib.web import resources
from lib.workflows.sharing import open_link

_COUNTED = "share-counted"
_STYLES = (ROOT / "lib/ui/style.css", ROOT / "lib/ui/shared.css")


@contextmanager
def open_shared() -> Iterator[Page | None]:
    """The page of the link in the address, without a sidebar; None where there is nothing to see, which it says."""
    for style in _STYLES:
        st.html(style)
    try:
        store = resources.store()
        token = find_share_token()
        share = store.find_share(token, datetime.now(UTC)) if token else None
        if share is None:
            _refuse()
            yield None
            return
        use_share_token(token)
        _count(store, share)
        yield _find_page(store, store.get_session(share.session_id))
    except AppError as error:
        st.error(escape_markdown(str(error)), icon=":material/error:")
        st.stop()  # the page may have been given nothing to go on with


def _refuse() -> None:
    # Wrong, expired and revoked look the same: nobody learns that a link once was one.
    st.title("Second Look", anchor=False)
    st.info("This link opens nothing. Ask whoever sent it for a new one.", icon=":material/link_off:")


def _count(store: Store, share: Share) -> None:
    if st.session_state.get(_COUNTED) != share.number:
        st.session_state[_COUNTED] = share.number
        open_link(store, share)


def _find_versions(store: Store, session: Session) -> dict[str, ModelVersion]:
    """Those that whoever made the link had chosen, baseline first; where it does not say, of the family asked last."""
    recorded = store.find_versions(session.id)
    wanted = st.query_params.get_all(VERSION_PARAMETER)
    chosen = [each for model_id in wanted for each in recorded if each.model_id == model_id]
    latest = [each for each in recorded if each.family == recorded[0].family]
    shown = (chosen or sorted(latest, key=lambda each: each.version))[:MOST_VERSIONS]
    return name_versions(shown[0].family, shown, shown) if shown else {}


def _find_page(store: Store, session: Session) -> Page | None:
    st.title(escape_markdown(session.title), anchor=False)
    who = f" by {session.created_by}" if session.created_by else ""
    st.caption(escape_markdown(f"Shared to be looked at. Made {format_exact_time(session.created_at)}{who}."))
    review = store.get_review(session.id)
    if review.blind and review.status is not ReviewStatus.DONE:
        st.info("This session is under blind review. What versions say of it can be seen when the review is done.")
        return None
    choice = replace(NO_CHOICE, versions=_find_versions(store, session))
    return Page(store, choice, providers.desk(BUILT_IN), session, read_only=True, by_link=True)


TABS_KEY = "shared-part"


def show_shared(page: Page) -> None:
    """Matrix, cards, comparison and files, a tab each; the tabs that are not open cost nothing."""
    parts: dict[str, Callable[[Page], None]] = {"Images": _show_images, "Cards": _show_cards}
    if len(page.versions) > 1:
        parts["Compare"] = _show_comparison
    parts["Take it along"] = _show_exports
    show_tabs(parts, TABS_KEY, page)


def _show_images(page: Page) -> None:
    if page.session:
        show_matrix(page, page.session)


def _show_cards(page: Page) -> None:
    if page.session:
        look = choose_display_options()
        show_cards(page.session.id, choose_cards(page, page.session.id), look, waiting=False)


def _show_comparison(page: Page) -> None:
    contests = choose_comparisons(page)
    show_verdicts(page, contests)
    show_details(page, choose_comparison(contests))


def _show_exports(page: Page) -> None:
    if page.session:
        offer_exports(page, page.session)
