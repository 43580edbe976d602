"""The one place that lets people in, whether they open a page or fetch a file."""

from collections.abc import Mapping
from datetime import UTC, datetime

import streamlit as st

from lib.domain.people import ANYBODY, Person, admit
from lib.errors import NotAdmitted, NotInvited, NotSignedIn, SignInEnded
from lib.ui import resources
from lib.ui.sign_in.cookie import find_claims
from lib.ui.sign_in.provider import is_on
from lib.workflows.sign_ins import record_not_admitted, record_sign_in, sign_out


def find_visitor() -> Person:
    """Who is in front of this page. Raises NotAdmitted and its kinds."""
    if not is_on():
        return ANYBODY
    return _let_in(st.user.to_dict() if st.user.is_logged_in else {})


def find_caller(cookies: Mapping[str, str]) -> Person:
    """Whose browser has these cookies. Raises NotAdmitted and its kinds."""
    return _let_in(find_claims(cookies)) if is_on() else ANYBODY


def sign_out_caller(cookies: Mapping[str, str]) -> None:
    """End the sign-in of whoever has these cookies; nothing is to be done where it is over, or there is none."""
    try:
        person = find_caller(cookies)
    except NotAdmitted:
        return
    if person.sign_in:
        # The cookie's copies, in other tabs or in other hands, shall open nothing either.
        sign_out(resources.store(), person, resources.access().lasts)


def _let_in(claims: Mapping[str, object]) -> Person:
    if not claims:
        raise NotSignedIn("Sign in to come in.")
    try:
        person = admit(claims, resources.access(), datetime.now(UTC))
    except NotInvited:
        _record_not_invited(str(claims["email"]).strip().lower())
        raise
    if resources.store().has_ended(person.sign_in):
        raise SignInEnded("You signed out.")
    _record_sign_in(person.sign_in, person)
    return person


# The log itself takes each sign-in once; these spare it being asked at every click and picture.
@st.cache_resource(show_spinner=False, max_entries=10_000)
def _record_sign_in(sign_in: str, _person: Person) -> None:  # noqa: ARG001
    record_sign_in(resources.store(), _person)


@st.cache_resource(show_spinner=False, max_entries=1000, ttl=60)
def _record_not_invited(address: str) -> None:
    record_not_admitted(resources.store(), address)
