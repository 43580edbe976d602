"""The parts of a shared session."""

from collections.abc import Callable

from lib.ui.compare.choose_comparison import choose_comparison, choose_comparisons
from lib.ui.compare.show_details import show_details
from lib.ui.compare.show_verdicts import show_verdicts
from lib.ui.frame import Page
from lib.ui.history.offer_exports import offer_exports
from lib.ui.history.show_session import show_matrix
from lib.ui.show_cards import choose_cards, choose_display_options, show_cards
from lib.ui.show_tabs import show_tabs

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
