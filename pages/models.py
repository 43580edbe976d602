"""What can be asked: versions and their state, evaluations, code that asks them, and whether the way there is open."""

from collections.abc import Callable

from lib.ui.frame import Page, open_page, show_tabs
from lib.ui.models.show_check import show_check
from lib.ui.models.show_evaluation import show_evaluation
from lib.ui.models.show_snippets import show_snippets
from lib.ui.models.show_tokens import show_tokens, takes_tokens
from lib.ui.models.show_versions import show_checks, show_refused_folders, show_versions
from lib.ui.models.upload_export import show_upload, takes_uploads


def show_list(page: Page) -> None:
    """Families and versions, those that are being checked, and folders that cannot be served."""
    show_versions(page.choice)
    show_checks()
    show_refused_folders()


def find_parts(page: Page) -> dict[str, Callable[[Page], None]]:
    """The tabs of the page, as far as they are for this visitor."""
    parts: dict[str, Callable[[Page], None]] = {
        "Versions": show_list,
        "Evaluation": show_evaluation,
        "Use it from code": show_snippets,
    }
    if takes_tokens():
        parts["Tokens"] = show_tokens
    if not page.read_only:
        parts["Connection"] = show_check
    if takes_uploads(page):
        parts["Upload"] = show_upload
    return parts


with open_page("Models") as page:
    show_tabs(find_parts(page), "models", page)
