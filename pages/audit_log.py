"""Who did what to which session."""

from lib.ui.frame import open_page
from lib.ui.show_log import show_log

with open_page("Audit log") as page:
    show_log(page.store)
