"""The Robustness page: how predictions change when images are perturbed, and which parts of an image matter."""

import streamlit as st

from lib.domain.sessions import Session
from lib.ui.addresses import PREDICT
from lib.ui.frame import Page, open_page, show_tabs
from lib.ui.robustness.probe_controls import TABS_KEY, choose_sample
from lib.ui.robustness.robustness_tab import show_robustness
from lib.ui.robustness.saliency_tab import show_saliency
from lib.ui.text import NO_VERSION

_TABS = {"Robustness": show_robustness, "Saliency": show_saliency}


def show_probe(page: Page, session: Session) -> None:
    """Ask for a sample of images, and show what is known of their robustness and saliency."""
    images = choose_sample(page, session)
    if images:
        show_tabs(_TABS, TABS_KEY, page, session, images)


with open_page("Robustness") as page:
    if page.session and page.session.image_count and page.versions:
        show_probe(page, page.session)
    elif page.session and page.session.image_count:
        st.info(NO_VERSION)
    else:
        st.markdown("Test how predictions change when images are edited slightly. Open a session with images first.")
        st.page_link(PREDICT, label="Upload images", icon=":material/photo_camera:")
