"""The log of who did what."""

import streamlit as st

from lib.store import Store
from lib.ui.addresses import log_path
from lib.ui.words import say_count, say_exactly

PAGE_KEY = "log-page"
_A_PAGE = 50


def show_log(store: Store) -> None:
    """The latest lines, the way to earlier ones, and the whole to take along."""
    total = store.count_deeds()
    if not total:
        st.markdown("Nobody has done anything yet. Predictions, verdicts, links and deletions are written down here.")
        return
    pages = -(-total // _A_PAGE)
    number = st.pagination(pages, key=PAGE_KEY, bind="query-params") if pages > 1 else 1
    deeds = store.find_deeds((number - 1) * _A_PAGE, _A_PAGE)
    st.dataframe(
        {
            "When": [say_exactly(deed.at) for deed in deeds],
            "Who": [deed.who or "somebody" for deed in deeds],
            "Did": [deed.action.value for deed in deeds],
            "Session": [deed.session_id for deed in deeds],
            "About": [deed.about for deed in deeds],
        },
        hide_index=True,
        alt=f"{len(deeds)} lines of the log",
    )
    st.caption(f"{say_count(total, 'line')}, the latest first.")
    st.link_button("Download CSV", log_path(), icon=":material/download:")
