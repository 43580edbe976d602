"""What every page begins with: title, sidebar, session, and the one place that shows errors."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVarTuple

import streamlit as st

from lib.domain.annotations import ReviewStatus
from lib.domain.people import Role
from lib.domain.predictions import ModelVersion
from lib.domain.sessions import Session
from lib.errors import AppError, UnknownSession
from lib.settings import ROOT
from lib.store import Store
from lib.ui import providers
from lib.ui.addresses import use_share_token
from lib.ui.choose_versions import NO_CHOICE, Choice, choose_versions, follow_session, is_in_address, restore_choices
from lib.ui.current_session import find_current_session, leave_session, remember_shown, show_current_session
from lib.ui.text import escape_markdown
from lib.ui.visitor import find_name, may
from lib.web import resources
from lib.workflows.prediction_run import PredictionContext

_PAGE = "page-shown"
_STYLE = ROOT / "lib" / "ui" / "style.css"


@dataclass(frozen=True, slots=True)
class Page:
    """What a page works with: the store, what is chosen in the sidebar, the service's desk, and the session.

    On a `read_only` page nothing can be asked, judged or changed; one `by_link` shows its session alone.
    """

    store: Store
    choice: Choice
    desk: PredictionContext
    session: Session | None
    read_only: bool = False
    by_link: bool = False

    @property
    def versions(self) -> dict[str, ModelVersion]:
        """The chosen versions by the name they go by on the page, baseline first."""
        return self.choice.versions


def hides_versions(store: Store, session: Session) -> bool:
    """Report whether this visitor is reviewing the session blind and has images left."""
    review = store.get_review(session.id)
    if not review.blind or review.status is ReviewStatus.DONE:
        return False
    return store.count_reviewed(session.id).get(find_name(), 0) < session.image_count


def never(_: Store, __: Session) -> bool:
    """Hides nothing."""
    return False


@contextmanager
def open_page(title: str, *, hides: Callable[[Store, Session], bool] = never) -> Iterator[Page]:
    """Draw title and sidebar, give what the page works with, and show errors raised on purpose as sentences.

    Where the page `hides` the versions of a session, the sidebar does not name them, and the page has none.
    """
    st.html(_STYLE)
    use_share_token(None)
    st.title(escape_markdown(title), anchor=False)
    if st.session_state.get(_PAGE, title) != title:
        restore_choices()
    st.session_state[_PAGE] = title
    try:
        store = resources.store()
        session = find_current_session(store)
        choice = NO_CHOICE if session and hides(store, session) else choose_versions(_find_recorded(store, session))
        show_current_session(session)
        yield Page(store, choice, providers.desk(choice.provider), session, read_only=not may(Role.REVIEWER))
    except UnknownSession as error:
        st.error(escape_markdown(str(error)), icon=":material/link_off:")
        st.button("Start a new session", on_click=leave_session, type="primary")
        st.stop()  # the page was given nothing to go on with
    except AppError as error:
        st.error(escape_markdown(str(error)), icon=":material/error:")
        st.stop()


def _find_recorded(store: Store, session: Session | None) -> list[ModelVersion]:
    """Versions that the session asked. On entering it the latest are chosen, unless the link says which family."""
    before = remember_shown(session)
    if session is None:
        return []
    recorded = store.find_versions(session.id)
    arrived_by_link = before is None and is_in_address()
    if before != session.id and not arrived_by_link:
        follow_session(recorded, keep_versions=before is None)
    return recorded


_Arguments = TypeVarTuple("_Arguments")


def show_tabs(parts: Mapping[str, Callable[[*_Arguments], None]], key: str, *args: *_Arguments) -> None:
    """A tab for each, which the address names by `key`; those that are not open cost nothing."""
    for tab, show in zip(
        st.tabs(list(parts), on_change="rerun", key=key, bind="query-params"), parts.values(), strict=True
    ):
        if tab.open:
            with tab:
                show(*args)
