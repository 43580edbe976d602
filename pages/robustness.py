"""Robustness are the versions' answers, and what do they rest on? Asked with images that are altered on purpose."""

import streamlit as st

from lib.ui.addresses import PREDICT
from lib.ui.frame import hides_versions, open_page
from lib.ui.robustness.show_probe import show_probe

with open_page("Robustness", hides=hides_versions) as page:
    if page.session and hides_versions(page.store, page.session):
        st.info("This session is under blind review. Predictions appear after you have reviewed all images.")
    elif page.session and page.session.image_count and page.versions:
        show_probe(page, page.session)
    elif page.session and page.session.image_count:
        st.info("Select at least one version in the sidebar.")
    else:
        st.markdown("Test how predictions change when images are edited slightly. Open a session with images first.")
        st.page_link(PREDICT, label="Upload images", icon=":material/photo_camera:")
