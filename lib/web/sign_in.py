"""Sign-in: its configuration in Streamlit's secrets, the person behind a page or a request, and what is recorded."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import SplitResult, urlsplit

import streamlit as st

from lib.domain.people import ANYBODY, Actor, Person, Role, admit
from lib.domain.permissions import Action
from lib.errors import NotAdmitted, NotInvited, NotSignedIn, SignInEnded
from lib.web import resources
from lib.web.streamlit_internals import find_claims
from lib.workflows.authorization import record_denial
from lib.workflows.sign_ins import record_not_admitted, record_sign_in, sign_out


def find_section(name: str) -> dict[str, Any]:
    """Return a section of `.streamlit/secrets.toml`, such as `[auth]`; empty if there is none."""
    try:
        section = st.secrets[name]
    except (KeyError, FileNotFoundError):
        return {}
    return dict(section) if isinstance(section, Mapping) else {}


DEFAULT = "default"
"""The provider that is configured in `[auth]` itself."""


@st.cache_resource(show_spinner=False)
def find_auth() -> dict[str, Any]:
    """Return the section `[auth]` as it was at the start. Removing the file later does not turn the sign-in off."""
    return find_section("auth")


def is_on() -> bool:
    """Report whether people must sign in."""
    return bool(find_auth())


def find_providers() -> list[str]:
    """Return the names for `st.login`: the sections below `[auth]`, and the default one if it is configured."""
    auth = find_auth()
    named = [name for name, values in auth.items() if isinstance(values, Mapping) and "client_id" in values]
    return [DEFAULT, *named] if "client_id" in auth else named


def find_own_url() -> SplitResult:
    """Return the address at which browsers reach the app: the one to which providers send them back."""
    return urlsplit(str(find_auth().get("redirect_uri") or ""))


_PAGES = {Role.REVIEWER: Action.OPEN_REVIEWER_PAGE, Role.ADMIN: Action.OPEN_ADMIN_PAGE}


def record_page_refused(person: Person, role: Role) -> None:
    """Record that somebody without this role opened a page that needs it."""
    _record_denial(person.as_actor(), _PAGES[role], f"needs the role {role.name.lower()}")


def record_upload_refused(person: Person, reason: str) -> None:
    """Record that somebody was refused an upload."""
    _record_denial(person.as_actor(), Action.UPLOAD_FILE, reason)


# The log merges repeats. The cache saves writing to it on every run of a page, and for each file of many.
@st.cache_resource(show_spinner=False, max_entries=1000, ttl=60)
def _record_denial(actor: Actor, action: Action, reason: str) -> None:
    record_denial(resources.store(), actor, action, details=reason)


def current_user() -> Person:
    """Return the visitor of this page. Raises NotAdmitted and its kinds."""
    if not is_on():
        return ANYBODY
    return _admit(st.user.to_dict() if st.user.is_logged_in else {})


def find_caller(cookies: Mapping[str, str]) -> Person:
    """Return the person whose browser has these cookies. Raises NotAdmitted and its kinds."""
    return _admit(find_claims(cookies)) if is_on() else ANYBODY


def sign_out_caller(cookies: Mapping[str, str]) -> None:
    """End the sign-in to which these cookies belong, if there is one."""
    try:
        person = find_caller(cookies)
    except NotAdmitted:
        return
    if person.sign_in:
        # Copies of the cookie, in other tabs or in other hands, must open nothing either.
        sign_out(resources.store(), person, resources.access().lasts)


def _admit(claims: Mapping[str, object]) -> Person:
    if not claims:
        raise NotSignedIn("Sign in to continue.")
    try:
        person = admit(claims, resources.access(), datetime.now(UTC))
    except NotInvited:
        _record_not_invited(str(claims["email"]).strip().lower())
        raise
    if resources.store().people.has_ended(person.sign_in):
        raise SignInEnded("You signed out.")
    _record_sign_in(person.sign_in, person)
    return person


# The log records each sign-in once. The caches save asking it on every click and for every picture.
@st.cache_resource(show_spinner=False, max_entries=10_000)
def _record_sign_in(sign_in: str, _person: Person) -> None:  # noqa: ARG001
    record_sign_in(resources.store(), _person)


@st.cache_resource(show_spinner=False, max_entries=1000, ttl=60)
def _record_not_invited(address: str) -> None:
    record_not_admitted(resources.store(), address)
