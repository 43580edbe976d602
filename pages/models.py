"""What can be asked: versions and their state, evaluations, code that asks them, and whether the way there is open."""

from collections.abc import Callable

import streamlit as st

from lib.ui.frame import Page, open_page
from lib.ui.models.show_check import show_check
from lib.ui.models.show_evaluation import show_evaluation
from lib.ui.models.show_snippets import show_snippets
from lib.ui.models.show_versions import show_refused_folders, show_versions


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
    for tab, show in zip(
        st.tabs(list(PARTS), on_change="rerun", key="models", bind="query-params"), PARTS.values(), strict=True
    ):
        if tab.open:
            with tab:
                show(page)
