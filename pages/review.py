"""A reviewer goes through a session's images by keys; what reviewers agree on becomes the truth."""

import streamlit as st

from lib.ui.addresses import PREDICT
from lib.ui.frame import hides_versions, open_page
from lib.ui.review.show_review import show_review

with open_page("Review", hides=hides_versions) as page:
    if page.session and page.session.image_count:
        show_review(page, page.session)
    else:
        st.markdown("Review the images of a session one at a time. Open a session with images first.")
        st.page_link(PREDICT, label="Upload images", icon=":material/photo_camera:")
