"""Everything about probing a session."""

import streamlit as st

from lib.domain.sessions import Session
from lib.ui.frame import Page
from lib.ui.robustness.choose_sample import choose_sample
from lib.ui.robustness.show_occlusion import show_occlusion
from lib.ui.robustness.show_robustness import show_robustness

TABS_KEY = "probing"
_PARTS = {"Robustness": show_robustness, "Saliency": show_occlusion}


def show_probe(page: Page, session: Session) -> None:
    """The sample, and what is known of it; the tab that is not open costs nothing."""
    images = choose_sample(page, session)
    if not images:
        return
    tabs = st.tabs(list(_PARTS), on_change="rerun", key=TABS_KEY, bind="query-params")
    for tab, show in zip(tabs, _PARTS.values(), strict=True):
        if tab.open:
            with tab:
                show(page, session, images)
