"""The Audit log page: who did what, as a table and as a file, and how to verify that the log is unchanged."""

from datetime import datetime

import streamlit as st

from lib.domain.audit import AuditEntry
from lib.domain.permissions import Action
from lib.domain.wording import format_count
from lib.store import Store
from lib.ui.addresses import log_path
from lib.ui.frame import Shows, open_page
from lib.ui.text import ANONYMOUS, escape_markdown, format_exact_time

PAGE_KEY = "log-page"
_EVENTS_PER_PAGE = 50


def show_events(store: Store, total: int) -> None:
    """Draw one page of events, the latest first."""
    pages = -(-total // _EVENTS_PER_PAGE)
    number = st.pagination(pages, key=PAGE_KEY, bind="query-params") if pages > 1 else 1
    entries = store.audit.find((number - 1) * _EVENTS_PER_PAGE, _EVENTS_PER_PAGE)
    st.dataframe(
        {
            "Number": [entry.number for entry in entries],
            "Time": [format_time(entry) for entry in entries],
            "Who": [entry.actor or ANONYMOUS for entry in entries],
            "Action": [entry.description for entry in entries],
            "Session": [entry.session_id for entry in entries],
            "Details": [entry.details for entry in entries],
        },
        hide_index=True,
        alt=f"{len(entries)} events of the audit log",
    )
    st.caption(f"{format_count(total, 'event')}, latest first.")


def format_time(entry: AuditEntry) -> str:
    """Return the time of the event or, if it is not a time, the text as it is."""
    try:
        return format_exact_time(datetime.fromisoformat(entry.at))
    except ValueError:  # the log was tampered with
        return entry.at


def show_repeated_refusals(store: Store) -> None:
    """Draw a line for refusals that were repeated too quickly to be events of their own."""
    for repeats in store.audit.find_repeats():
        action = Action.__members__.get(repeats.action)
        refused = f"{repeats.actor or ANONYMOUS} was refused again: {action.value if action else repeats.action}"
        last = f"{format_count(repeats.count, 'time')}, last {format_exact_time(repeats.last_at)}"
        st.caption(escape_markdown(f"{refused}, {last}."))


def show_verification(store: Store) -> None:
    """Explain how to verify the log, and show the head to save."""
    with st.expander("Verify the log"):
        st.markdown(
            "Each event contains the hash of the previous event. Changed, missing, inserted or reordered events break"
            " this chain.\n\nIf the latest events were removed or the whole log was rewritten, only a saved head"
            " reveals it. Save this head outside the server:"
        )
        (latest,) = store.audit.find(limit=1)
        st.code(latest.head, language=None, wrap_lines=True)
        st.markdown("Then verify the log on the server:")
        st.code(f"python -m lib verify-audit-log --head {latest.head}", language=None, wrap_lines=True)


with open_page("Audit log", shows=Shows.NOTHING) as page:
    count = page.store.audit.count()
    if count:
        show_events(page.store, count)
        show_repeated_refusals(page.store)
        st.link_button("Export (CSV)", log_path(), icon=":material/download:")
        show_verification(page.store)
    else:
        st.markdown("No events yet. Sign-ins, predictions, annotations, links, exports and deletions appear here.")
