"""The Models page: versions and their state, evaluations, code, tokens, the connection, and uploads."""

from collections.abc import Callable

from lib.ui.frame import Page, Shows, open_page, show_tabs
from lib.ui.models.access_tabs import may_create_tokens, show_connection, show_snippets, show_tokens
from lib.ui.models.evaluation_tab import show_evaluation
from lib.ui.models.upload_tab import may_upload, show_upload
from lib.ui.models.versions_tab import show_checks, show_rejected_folders, show_versions

TABS_KEY = "models"


def show_list(page: Page) -> None:
    """Show families and versions, model files that are being checked, and folders that were rejected."""
    show_versions(page.choice)
    show_checks()
    show_rejected_folders()


def list_tabs(page: Page) -> dict[str, Callable[[Page], None]]:
    """Return the tabs that this visitor may use."""
    tabs: dict[str, Callable[[Page], None]] = {
        "Versions": show_list,
        "Evaluation": show_evaluation,
        "Use it from code": show_snippets,
    }
    if may_create_tokens():
        tabs["Tokens"] = show_tokens
    if not page.read_only:
        tabs["Connection"] = show_connection
    if may_upload(page):
        tabs["Upload"] = show_upload
    return tabs


with open_page("Models", shows=Shows.NOTHING) as page:
    show_tabs(list_tabs(page), TABS_KEY, page)
