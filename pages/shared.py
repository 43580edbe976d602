"""What a link opens: one session, read-only."""

from lib.ui.shared.shared_session import open_shared, show_shared

with open_shared() as page:
    if page:
        show_shared(page)
