"""Who is in front of the page."""

from datetime import UTC, datetime

import streamlit as st

from lib.domain.people import Actor
from lib.errors import NotAdmitted
from lib.store import Store
from lib.ui.addresses import find_share_token
from lib.ui.sign_in.admission import find_visitor
from lib.ui.sign_in.show_sign_in import show_person
from lib.workflows.sharing import act_by_link

NAME_KEY = "visitor-name"


def show_visitor() -> None:
    """Who is signed in; without a sign-in ask for the name that stands beside what this visitor does."""
    person = find_visitor()
    if person.address:
        show_person(person)
        return
    st.text_input(
        "Your name",
        key=NAME_KEY,
        placeholder="Shown beside what you do",
        max_chars=60,
        persist_state="session",
    )


def find_actor() -> Actor:
    """The visitor as somebody who changes something. Raises NotAdmitted and its kinds."""
    return find_visitor().as_actor(str(st.session_state.get(NAME_KEY) or "").strip())


def find_link_actor(store: Store) -> Actor:
    """Whoever came by the link in the address. Raises NotAdmitted where it does not work any more."""
    share = store.find_share(find_share_token(), datetime.now(UTC))
    if share is None:
        raise NotAdmitted("This link opens nothing any more. Ask whoever sent it for a new one.")
    return act_by_link(share)


def find_name() -> str:
    """What the visitor is called: the verified address of those who signed in, else the name that was given, if any.

    Not the name that a provider may send along: people choose that themselves, and two may choose the same.
    """
    try:
        return find_actor().name
    except NotAdmitted:
        return ""
