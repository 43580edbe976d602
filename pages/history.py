"""Sessions, latest first; opening one shows its cards."""

import streamlit as st

from lib.ui.frame import open_page
from lib.ui.show_sessions import choose_sessions, show_sessions

with open_page("History") as page:
    sessions = choose_sessions(page.store)
    if sessions:
        show_sessions(sessions)
    else:
        st.markdown("Every session is kept here, with its images and answers. There is none yet.")
        st.page_link("../../pages/predict.py", label="Bring the first images", icon=":material/photo_camera:")
