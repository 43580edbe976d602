"""What those see who have not come in, and who may not do what they came for."""

import streamlit as st

from lib.domain.people import Person, Role
from lib.errors import NotAdmitted, NotSignedIn
from lib.ui.addresses import HISTORY
from lib.ui.text import escape_markdown
from lib.web import resources
from lib.web.sign_in import DEFAULT, find_providers
from lib.workflows.sign_ins import sign_out

SIGN_IN_KEY = "sign-in"
SIGN_OUT_KEY = "sign-out"


def show_sign_in(reason: NotAdmitted) -> None:
    """Why somebody is not in, and the ways in."""
    st.title("Second Look", anchor=False)
    if isinstance(reason, NotSignedIn):
        st.markdown("Sign in to see what the models say. You come back to this very page.")
    else:
        st.warning(escape_markdown(str(reason)), icon=":material/lock:")
    for name in find_providers():
        words = "Sign in" if name == DEFAULT else f"Sign in with {name.capitalize()}"
        st.button(escape_markdown(words), key=f"{SIGN_IN_KEY}-{name}", type="primary", on_click=st.login, args=(name,))


def show_role_missing(person: Person, role: Role) -> None:
    """That this page is not for somebody, and where to go instead."""
    needed, has = role.name.lower(), person.role.name.lower()
    st.title("Second Look", anchor=False)
    words = f"This page is for the role {needed}. You are here as a {has}: ask whoever runs this server for more."
    st.info(escape_markdown(words))
    st.page_link(HISTORY, label="Look at the sessions", icon=":material/history:")


def show_person(person: Person) -> None:
    """Who is signed in, and the way out."""
    st.text(f"{person.address} · {person.role.name.lower()}")
    st.button("Sign out", key=SIGN_OUT_KEY, icon=":material/logout:", on_click=_sign_out, args=(person,))


def _sign_out(person: Person) -> None:
    # The cookie's copies, in other tabs or in other hands, shall open nothing either.
    sign_out(resources.store(), person, resources.access().lasts)
    st.logout()
