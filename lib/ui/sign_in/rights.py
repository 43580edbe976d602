"""What visitors may do, asked again at every click: the page may have been drawn when they still might."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import streamlit as st

from lib.domain.audit import Action
from lib.domain.people import Role
from lib.errors import AppError, NotAdmitted, RoleMissing
from lib.ui import resources
from lib.ui.defects import numbered_defects
from lib.ui.sign_in.admission import find_visitor
from lib.ui.visitor import find_actor
from lib.ui.words import plain
from lib.workflows.audit import authorize

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


def may(role: Role) -> bool:
    """Whether the visitor may what this role may."""
    try:
        return find_visitor().may(role)
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
                    st.toast(plain(str(refusal)), icon=":material/lock:")
                except AppError as error:
                    st.toast(plain(str(error)), icon=":material/error:", duration="long")

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
