"""How the versions of a session compare in numbers."""

from lib.domain.session import Session
from lib.ui.frame import Page


def show_trends(page: Page, session: Session) -> None:
    """Soon."""
