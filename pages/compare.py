"""May the candidate replace the baseline? The verdict in words, and the numbers and images behind it."""

import streamlit as st

from lib.ui.compare.choose_comparison import choose_comparison, choose_comparisons
from lib.ui.compare.show_details import show_details
from lib.ui.compare.show_verdicts import show_verdicts
from lib.ui.frame import open_page

with open_page("Compare") as page:
    if len(page.versions) < 2:
        st.info("Select at least two versions in the sidebar. The first is the baseline; the others are candidates.")
    else:
        comparisons = choose_comparisons(page)
        show_verdicts(page, comparisons)
        show_details(page, choose_comparison(comparisons))
