"""What can be asked: versions and their state, evaluations, code that asks them, and whether the way there is open."""

from collections.abc import Callable

import streamlit as st

from lib.ui.frame import Page, open_page
from lib.ui.models.show_check import show_check
from lib.ui.models.show_evaluation import show_evaluation
from lib.ui.models.show_snippets import show_snippets
from lib.ui.models.show_versions import show_refused_folders, show_versions
from lib.ui.models.upload_export import show_upload, takes_uploads


def show_list(page: Page) -> None:
    """Families and versions, and folders that cannot be served."""
    show_versions(page.choice)
    show_refused_folders()


PARTS: dict[str, Callable[[Page], None]] = {
    "Versions": show_list,
    "Evaluation": show_evaluation,
    "Use it from code": show_snippets,
    "Connection": show_check,
}

with open_page("Models") as page:
    parts = PARTS | ({"Upload": show_upload} if takes_uploads(page) else {})
    for tab, show in zip(
        st.tabs(list(parts), on_change="rerun", key="models", bind="query-params"), parts.values(), strict=True
    ):
        if tab.open:
            with tab:
                show(page)
