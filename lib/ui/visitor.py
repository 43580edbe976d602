"""Who is in front of the page."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import ParamSpec, TypeVar

import streamlit as st

from lib.domain.audit import Action
from lib.domain.people import Actor, Role
from lib.errors import AppError, NotAdmitted, RoleMissing
from lib.store import Store
from lib.ui.addresses import find_share_token
from lib.ui.defects import numbered_defects
from lib.ui.show_sign_in import show_person
from lib.ui.text import escape_markdown
from lib.web import resources
from lib.web.sign_in import current_user
from lib.workflows.audit import authorize
from lib.workflows.sharing import act_by_link

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
    share = store.sharing.find_by_token(find_share_token(), datetime.now(UTC))
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
