"""The Compare page: can a candidate replace the baseline? A verdict for each candidate, and the evidence in tabs.

To add a chart, add a tab in `lib/ui/compare/detail_tabs.py`.
"""

import streamlit as st

from lib.ui.compare.detail_tabs import show_details
from lib.ui.compare.verdicts import choose_candidate, choose_settings, compare_versions, show_verdicts
from lib.ui.frame import open_page

with open_page("Compare") as page:
    if len(page.versions) < 2:
        st.info("Select at least two versions in the sidebar. The first is the baseline; the others are candidates.")
    else:
        settings = choose_settings(page)
        comparisons = compare_versions(page, settings)
        show_verdicts(page, comparisons)
        show_details(page, choose_candidate(comparisons))
