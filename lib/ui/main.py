"""The script behind every page: names the pages and runs the one that was asked for."""

import streamlit as st

from lib.settings import ROOT
from lib.ui.defects import numbered_defects

st.set_page_config(page_title="Second Look", page_icon=str(ROOT / "lib/ui/icon.png"), layout="wide")
SHARED = st.Page(ROOT / "pages/shared.py", title="Shared", url_path="shared", visibility="hidden")
PAGES = [
    st.Page(ROOT / "pages/predict.py", title="Predict", icon=":material/photo_camera:", default=True),
    st.Page(ROOT / "pages/history.py", title="History", icon=":material/history:"),
    st.Page(ROOT / "pages/compare.py", title="Compare", icon=":material/balance:"),
    st.Page(ROOT / "pages/review.py", title="Review", icon=":material/rate_review:"),
    st.Page(ROOT / "pages/probe.py", title="Probe", icon=":material/troubleshoot:"),
    st.Page(ROOT / "pages/models.py", title="Models", icon=":material/deployed_code:"),
    st.Page(ROOT / "pages/log.py", title="Log", icon=":material/receipt_long:"),
    SHARED,
]
page = st.navigation(PAGES)
if page == SHARED:
    # Whoever comes by a link is shown no way to other pages.
    page = st.navigation(PAGES, position="hidden")
with numbered_defects():
    page.run()
