"""The script behind every page: check the sign-in, list the pages, and run the requested one."""

import base64
from datetime import timedelta

import streamlit as st

from lib.domain.people import Person, Role
from lib.errors import NotAdmitted
from lib.settings import ROOT
from lib.ui.defects import numbered_defects
from lib.ui.text import PRODUCT
from lib.ui.visitor import show_role_missing, show_sign_in
from lib.web import resources
from lib.web.sign_in import current_user, record_page_refused

# Name, icon, and the role that it requires.
PAGES = [
    ("predict", ":material/photo_camera:", Role.VIEWER),
    ("history", ":material/history:", Role.VIEWER),
    ("compare", ":material/balance:", Role.VIEWER),
    ("review", ":material/rate_review:", Role.REVIEWER),
    ("robustness", ":material/troubleshoot:", Role.REVIEWER),
    ("models", ":material/deployed_code:", Role.VIEWER),
    ("audit_log", ":material/receipt_long:", Role.ADMIN),
]


def make_page(name: str, icon: str, *, listed: bool) -> st.Page:
    """Return a page of the navigation. A page that is not listed opens by its address alone."""
    return st.Page(
        ROOT / f"pages/{name}.py",
        title=name.replace("_", " ").capitalize(),
        icon=icon,
        default=name == PAGES[0][0],
        visibility="visible" if listed else "hidden",
    )


def run_page(visitor: Person | NotAdmitted) -> None:
    """Run the requested page, or show why the visitor may not see it. A shared session requires no sign-in."""
    person = visitor if isinstance(visitor, Person) else None
    pages = [(make_page(name, icon, listed=bool(person and person.may(role))), role) for name, icon, role in PAGES]
    shared = st.Page(ROOT / "pages/shared.py", title="Shared session", url_path="shared", visibility="hidden")
    known = [*(page for page, _ in pages), shared]
    requested = st.navigation(known, position="sidebar" if person else "hidden")
    if requested == shared:
        # Its visitors see no other pages.
        st.navigation(known, position="hidden").run()
        return
    role = next(role for page, role in pages if page == requested)
    if not isinstance(visitor, Person):
        show_sign_in(visitor)
    elif visitor.may(role):
        requested.run()
    else:
        record_page_refused(visitor, role)
        show_role_missing(visitor, role)


@st.fragment(run_every=timedelta(days=1))
def redraw_when_reconnected() -> None:
    """Have the browser request the page again when it is connected again.

    Streamlit's own script does so only for a page with a part that is redrawn at intervals. Another process, after a
    restart or at another replica, would know no widget of the page, and ignore the first click.
    """


def current_user_or_reason() -> Person | NotAdmitted:
    """Return the visitor, or why they are not admitted."""
    try:
        return current_user()
    except NotAdmitted as reason:
        return reason


# Embedded in the page: Streamlit would copy a file to its own media folder.
_ICON = base64.b64encode((ROOT / "lib/ui/icon.png").read_bytes()).decode()

st.set_page_config(page_title=PRODUCT, page_icon=f"data:image/png;base64,{_ICON}", layout="wide")
with resources.garbage().running(), numbered_defects():
    redraw_when_reconnected()
    run_page(current_user_or_reason())
