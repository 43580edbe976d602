"""Who did what to which session."""

from lib.ui.frame import open_page
from lib.ui.show_log import show_log

with open_page("Log") as page:
    show_log(page.store)
