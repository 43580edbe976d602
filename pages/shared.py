"""What a link opens: one session, read-only."""

from lib.ui.sharing.open_shared import open_shared
from lib.ui.sharing.show_shared import show_shared

with open_shared() as page:
    if page:
        show_shared(page)
