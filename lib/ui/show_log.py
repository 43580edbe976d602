"""The audit log: who did what, and what it takes to check that nobody tampered with it."""

from datetime import datetime

import streamlit as st

from lib.domain.audit import Action, AuditEntry
from lib.domain.wording import format_count
from lib.store import Store
from lib.ui.addresses import log_path
from lib.ui.text import escape_markdown, format_exact_time

PAGE_KEY = "log-page"
_A_PAGE = 50


def show_log(store: Store) -> None:
    """The latest events, the way to earlier ones, the head to save, and the whole as a file."""
    total = store.audit.count()
    if not total:
        st.markdown("No events yet. Sign-ins, predictions, annotations, links, exports and deletions appear here.")
        return
    pages = -(-total // _A_PAGE)
    number = st.pagination(pages, key=PAGE_KEY, bind="query-params") if pages > 1 else 1
    entries = store.audit.find((number - 1) * _A_PAGE, _A_PAGE)
    st.dataframe(
        {
            "Number": [entry.number for entry in entries],
            "Time": [_format_time(entry) for entry in entries],
            "Who": [entry.actor or "Anonymous" for entry in entries],
            "Action": [entry.description for entry in entries],
            "Session": [entry.session_id for entry in entries],
            "Details": [entry.details for entry in entries],
        },
        hide_index=True,
        alt=f"{len(entries)} events of the audit log",
    )
    st.caption(f"{format_count(total, 'event')}, latest first.")
    _show_repeats(store)
    st.link_button("Export (CSV)", log_path(), icon=":material/download:")
    _show_head(store)


def _format_time(entry: AuditEntry) -> str:
    try:
        return format_exact_time(datetime.fromisoformat(entry.at))
    except ValueError:  # somebody tampered with it
        return entry.at


def _show_repeats(store: Store) -> None:
    for repeats in store.audit.find_repeats():
        action = Action.__members__.get(repeats.action)
        words = f"{repeats.actor or 'Anonymous'} was refused again: {action.value if action else repeats.action}"
        st.caption(
            escape_markdown(
                f"{words}, {format_count(repeats.count, 'time')}, last {format_exact_time(repeats.last_at)}."
            )
        )


def _show_head(store: Store) -> None:
    with st.expander("Verify the log"):
        st.markdown(
            "Each event holds the hash of the one before. Changed, missing, inserted or reordered events break this"
            " chain.\n\nRemoved latest events, and a log that was rewritten whole, show only against a saved head."
            " Save this head outside the server:"
        )
        (latest,) = store.audit.find(limit=1)
        st.code(latest.head, language=None, wrap_lines=True)
        st.markdown("Then check the log on the server:")
        st.code(f"python -m lib verify-audit-log --head {latest.head}", language=None, wrap_lines=True)
