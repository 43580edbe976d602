"""Families and versions that can be asked, and folders that cannot be served, with the reason."""

from lib.ui.frame import open_page
from lib.ui.show_models import show_refused_folders, show_versions

with open_page("Models") as page:
    show_versions(page.choice)
    show_refused_folders()
