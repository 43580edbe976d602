"""What every page is framed by: title, sidebar, session, tabs, and the one place that shows errors."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from typing import TypeVarTuple

import streamlit as st

from lib.domain.people import Role
from lib.domain.predictions import ModelVersion
from lib.domain.sessions import Session
from lib.errors import AppError, UnknownSession
from lib.settings import ROOT
from lib.store import Store
from lib.ui.addresses import REVIEW, use_share_token
from lib.ui.current_session import find_current_session, leave_session, remember_shown, show_current_session
from lib.ui.sidebar import choose_versions
from lib.ui.text import escape_markdown
from lib.ui.version_choice import NO_CHOICE, Choice, follow_session, is_in_address, restore_choices
from lib.ui.visitor import find_name, may, remember_name
from lib.web import providers, resources
from lib.workflows.blind_reviews import HIDDEN, hides_predictions
from lib.workflows.prediction_context import PredictionContext

_PAGE = "page-shown"
_STYLE = ROOT / "lib" / "ui" / "style.css"

_Arguments = TypeVarTuple("_Arguments")


@dataclass(frozen=True, slots=True)
class Page:
    """What a page works with: store, choices of the sidebar, the provider's prediction context, and session.

    On a `read_only` page nothing can be predicted, annotated or changed. A page `by_link` shows only its session.
    """

    store: Store
    choice: Choice
    context: PredictionContext
    session: Session | None
    read_only: bool = False
    by_link: bool = False

    @property
    def versions(self) -> dict[str, ModelVersion]:
        """The chosen versions by the name shown on the page, baseline first."""
        return self.choice.versions

    @property
    def colors(self) -> Mapping[str, str]:
        """The colors of the chosen versions by the name shown on the page."""
        return self.choice.colors


class Shows(Enum):
    """What a page shows of its session, which decides what it does under blind review."""

    PREDICTIONS = "predictions"
    IMAGES = "images"
    NOTHING = "nothing"


@contextmanager
def open_page(title: str, *, shows: Shows = Shows.PREDICTIONS) -> Iterator[Page]:
    """Draw title and sidebar, yield what the page works with, and show an AppError as a sentence.

    Where the session's predictions are hidden from the visitor, a page that shows them ends here, and one that shows
    images has no versions, and its sidebar does not name them.
    """
    st.html(_STYLE)
    use_share_token(None)
    remember_name()
    st.title(escape_markdown(title), anchor=False)
    if st.session_state.get(_PAGE, title) != title:
        restore_choices()
    st.session_state[_PAGE] = title
    try:
        store = resources.store()
        session = find_current_session(store)
        hidden = shows is not Shows.NOTHING and session and hides_predictions(store, session.id, find_name())
        choice = NO_CHOICE if hidden else choose_versions(_find_recorded(store, session), _find_numbers(store, session))
        show_current_session(session)
        if hidden and shows is Shows.PREDICTIONS:
            _show_hidden()
        context = providers.prediction_context(choice.provider)
        yield Page(store, choice, context, session, read_only=not may(Role.REVIEWER))
    except UnknownSession as error:
        st.error(escape_markdown(str(error)), icon=":material/link_off:")
        st.button("Start new session", on_click=leave_session, type="primary")
        st.stop()  # the page has nothing to go on with
    except AppError as error:
        st.error(escape_markdown(str(error)), icon=":material/error:")
        st.stop()


def _show_hidden() -> None:
    st.info(HIDDEN, icon=":material/visibility_off:")
    st.page_link(REVIEW, label="Review images", icon=":material/rate_review:")
    st.button("Start new session", on_click=leave_session)
    st.stop()


def _find_recorded(store: Store, session: Session | None) -> list[ModelVersion]:
    """Return the versions recorded in the session. On entering it, choose the latest, unless a link names a family."""
    before = remember_shown(session)
    if session is None:
        return []
    recorded = store.predictions.find_versions(session.id)
    arrived_by_link = before is None and is_in_address()
    if before != session.id and not arrived_by_link:
        follow_session(recorded, keep_versions=before is None)
    return recorded


def _find_numbers(store: Store, session: Session | None) -> dict[ModelVersion, int]:
    return store.predictions.find_numbers(session.id) if session else {}


def show_tabs(tabs: Mapping[str, Callable[[*_Arguments], None]], key: str, *args: *_Arguments) -> None:
    """Draw a tab for each function. The address names the open one as `key`; only that one runs."""
    containers = st.tabs(list(tabs), on_change="rerun", key=key, bind="query-params")
    for container, show in zip(containers, tabs.values(), strict=True):
        if container.open:
            with container:
                show(*args)
