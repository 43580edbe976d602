"""The visitor of a page: name and role, errors of what they do, and signing in and out."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import ParamSpec
from urllib.parse import unquote

import streamlit as st

from lib.domain.people import Actor, Person, Role
from lib.errors import AppError, NotAdmitted, NotSignedIn, RoleMissing
from lib.store import Store
from lib.ui.addresses import HISTORY, find_share_token
from lib.ui.defects import numbered_defects
from lib.ui.text import PRODUCT, escape_markdown
from lib.web import resources
from lib.web.sign_in import DEFAULT, current_user, find_providers, is_on
from lib.workflows.sharing import act_by_link
from lib.workflows.sign_ins import sign_out

NAME_KEY = "visitor-name"
NAME_COOKIE = "second-look-name"
_LONGEST_NAME = 60
_JOINERS_AND_DIRECTION_MARKS = "\u200c\u200d\u200e\u200f"
SIGN_IN_KEY = "sign-in"
SIGN_OUT_KEY = "sign-out"

_Arguments = ParamSpec("_Arguments")


def find_actor() -> Actor:
    """Return the visitor as the actor of a change. Raises NotAdmitted and its kinds."""
    return current_user().as_actor(_clean_name(str(st.session_state.get(NAME_KEY) or "")))


def remember_name() -> None:
    """Begin a visit with the name that this browser had last. The page's script keeps it in a cookie."""
    if NAME_KEY not in st.session_state and not is_on():
        cookie = st.context.cookies.get(NAME_COOKIE)
        st.session_state[NAME_KEY] = _clean_name(unquote(cookie)) if isinstance(cookie, str) else ""


def _clean_name(name: str) -> str:
    """Return a typed name without what cannot be seen, but for the marks that some scripts are written with."""
    seen = (character for character in name if character.isprintable() or character in _JOINERS_AND_DIRECTION_MARKS)
    return "".join(seen)[:_LONGEST_NAME].strip()


def find_link_actor(store: Store) -> Actor:
    """Return the actor for the link in the address. Raises NotAdmitted where the link is not valid any more."""
    share = store.sharing.find_by_token(find_share_token(), datetime.now(UTC))
    if share is None:
        raise NotAdmitted("This link is no longer valid. Ask the person who sent it for a new one.")
    return act_by_link(share)


def find_name() -> str:
    """Return the visitor's verified address or, without a sign-in, the typed name; empty for none.

    Never the display name of a sign-in provider: people choose it themselves, and two may choose the same.
    """
    try:
        return find_actor().name
    except NotAdmitted:
        return ""


def may(role: Role) -> bool:
    """Report whether the visitor has the permissions of this role."""
    try:
        return current_user().may(role)
    except NotAdmitted:
        return False


def makes_change(act: Callable[_Arguments, None]) -> Callable[_Arguments, None]:
    """Decorate a function that makes a change: a denial or another error is shown, and ends it.

    Its workflow checks the visitor's right. Callbacks run before the page, whose frame shows its own errors.
    """

    @wraps(act)
    def act_or_show_error(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> None:
        with numbered_defects():
            try:
                act(*args, **kwargs)
            except (NotAdmitted, RoleMissing) as denial:
                st.toast(escape_markdown(str(denial)), icon=":material/lock:")
            except AppError as error:
                st.toast(escape_markdown(str(error)), icon=":material/error:", duration="long")

    return act_or_show_error


def live(every_s: float) -> Callable[[Callable[_Arguments, None]], Callable[_Arguments, None]]:
    """Decorate a part of a page that is redrawn at this interval, until the visitor's sign-in ends."""

    def decorate(draw: Callable[_Arguments, None]) -> Callable[_Arguments, None]:
        @st.fragment(run_every=every_s)
        @wraps(draw)
        def draw_if_admitted(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> None:
            if not may(Role.VIEWER):
                st.rerun()
            draw(*args, **kwargs)

        return draw_if_admitted

    return decorate


def show_visitor() -> None:
    """Show who is signed in; without a sign-in, ask for the name recorded with this visitor's changes."""
    person = current_user()
    if person.address:
        st.text(f"{person.address} · {person.role.name.lower()}")
        st.button("Sign out", key=SIGN_OUT_KEY, icon=":material/logout:", on_click=_sign_out, args=(person,))
        return
    st.text_input(
        "Your name",
        key=NAME_KEY,
        placeholder="Recorded with your changes",
        max_chars=_LONGEST_NAME,
        persist_state="session",
    )


def _sign_out(person: Person) -> None:
    # Copies of the cookie, in other tabs or in other hands, must open nothing either.
    sign_out(resources.store(), person, resources.access().lasts)
    st.logout()


def show_sign_in(reason: NotAdmitted) -> None:
    """Show why the visitor is not signed in, and a button for each sign-in provider."""
    st.title(PRODUCT, anchor=False)
    if isinstance(reason, NotSignedIn):
        st.markdown("Sign in to continue to this page.")
    else:
        st.warning(escape_markdown(str(reason)), icon=":material/lock:")
    for name in find_providers():
        label = "Sign in" if name == DEFAULT else f"Sign in with {name.capitalize()}"
        st.button(escape_markdown(label), key=f"{SIGN_IN_KEY}-{name}", type="primary", on_click=st.login, args=(name,))


def show_role_missing(person: Person, role: Role) -> None:
    """Show that this page needs another role, and where to go instead."""
    needed, actual = role.name.lower(), person.role.name.lower()
    st.title(PRODUCT, anchor=False)
    message = f"This page requires the {needed} role. Your role is {actual}. Ask an administrator for access."
    st.info(escape_markdown(message))
    st.page_link(HISTORY, label="View sessions", icon=":material/history:")
