"""The visitor: name, role, sign-in, and the guard on every action."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import ParamSpec, TypeVar

import streamlit as st

from lib.domain.audit import Action
from lib.domain.people import Actor, Person, Role
from lib.errors import AppError, NotAdmitted, NotSignedIn, RoleMissing
from lib.store import Store
from lib.ui.addresses import HISTORY, find_share_token
from lib.ui.defects import numbered_defects
from lib.ui.text import escape_markdown
from lib.web import resources
from lib.web.sign_in import DEFAULT, current_user, find_providers
from lib.workflows.audit import authorize
from lib.workflows.sharing import act_by_link
from lib.workflows.sign_ins import sign_out

NAME_KEY = "visitor-name"


def show_visitor() -> None:
    """Who is signed in; without a sign-in ask for the name that stands beside what this visitor does."""
    person = current_user()
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
    return current_user().as_actor(str(st.session_state.get(NAME_KEY) or "").strip())


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


_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


def may(role: Role) -> bool:
    """Whether the visitor may what this role may."""
    try:
        return current_user().may(role)
    except NotAdmitted:
        return False


def needs(action: Action) -> Callable[[Callable[_Arguments, None]], Callable[_Arguments, None]]:
    """Decorates what changes something: it is done only for visitors who may, and others are told that.

    The refusal is recorded. What goes wrong in it is shown, too: it runs before the page, whose frame shows its own
    errors.
    """

    def decorate(act: Callable[_Arguments, None]) -> Callable[_Arguments, None]:
        @wraps(act)
        def act_if_allowed(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> None:
            with numbered_defects():
                try:
                    authorize(resources.store(), find_actor(), action)
                    act(*args, **kwargs)
                except (NotAdmitted, RoleMissing) as refusal:
                    st.toast(escape_markdown(str(refusal)), icon=":material/lock:")
                except AppError as error:
                    st.toast(escape_markdown(str(error)), icon=":material/error:", duration="long")

        return act_if_allowed

    return decorate


def live(every_s: float) -> Callable[[Callable[_Arguments, None]], Callable[_Arguments, None]]:
    """Decorates a part of a page that is drawn again and again, and which ends with the visitor's sign-in."""

    def decorate(draw: Callable[_Arguments, None]) -> Callable[_Arguments, None]:
        @st.fragment(run_every=every_s)
        @wraps(draw)
        def draw_if_let_in(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> None:
            if not may(Role.VIEWER):
                st.rerun()
            draw(*args, **kwargs)

        return draw_if_let_in

    return decorate


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
