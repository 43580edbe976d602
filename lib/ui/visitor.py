"""Who is in front of the page."""

import streamlit as st

from lib.errors import NotAdmitted
from lib.ui.sign_in.admission import find_visitor
from lib.ui.sign_in.show_sign_in import show_person

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


def find_name() -> str:
    """What the visitor is called: the verified address of those who signed in, else the name that was given, if any.

    Not the name that a provider may send along: people choose that themselves, and two may choose the same.
    """
    try:
        address = find_visitor().address
    except NotAdmitted:
        return ""
    return address or str(st.session_state.get(NAME_KEY) or "").strip()
