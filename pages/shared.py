"""The Shared page: the session that a link opens, read-only, built from parts of History, Predict and Compare."""

from collections.abc import Callable

from lib.domain.sessions import Session
from lib.ui.cards import choose_cards, choose_display_options, show_cards
from lib.ui.compare.detail_tabs import show_details
from lib.ui.compare.verdicts import choose_candidate, choose_settings, compare_versions, show_verdicts
from lib.ui.frame import Page, show_tabs
from lib.ui.history.export_tab import offer_exports
from lib.ui.history.matrix_table import show_matrix
from lib.ui.share_link.shared_session import TABS_KEY, open_shared
from lib.ui.text import EXPORT_TAB


def show_session_cards(page: Page, session: Session) -> None:
    """Show the session's images as cards."""
    options = choose_display_options()
    show_cards(session.id, choose_cards(page, session.id), options, waiting=False)


def show_comparison(page: Page, _: Session) -> None:
    """Show the verdicts and the details of one comparison."""
    comparisons = compare_versions(page, choose_settings(page))
    show_verdicts(page, comparisons)
    show_details(page, choose_candidate(comparisons))


with open_shared() as page:
    if page and page.session:
        tabs: dict[str, Callable[[Page, Session], None]] = {"Images": show_matrix, "Cards": show_session_cards}
        if len(page.versions) > 1:
            tabs["Compare"] = show_comparison
        tabs[EXPORT_TAB] = offer_exports
        show_tabs(tabs, TABS_KEY, page, page.session)
