"""The list of sessions on the History page."""

from datetime import UTC, datetime, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from lib.domain.sessions import Session
from lib.errors import UnknownSession
from lib.ui.history.session_list import ARCHIVED_KEY, PAGE_KEY, SEARCH_KEY
from lib.ui.history.session_list import ORDER_KEY as SESSIONS_ORDER_KEY
from lib.web import resources
from tests.integration.pages.conftest import OpenApp
from tests.integration.pages.page import (
    page_text,
)


def titles(app: AppTest) -> list[str]:
    """The titles of the listed sessions, from the top."""
    links = [
        link for link in app.page_link if "matrix" in link.proto.query_string and link not in app.sidebar.page_link
    ]
    return [link.label.replace("\\", "") for link in links]


def choose(app: AppTest, session: Session, change: str) -> AppTest:
    """Choose from the menu of a listed session."""
    return app.menu_button(f"actions-{session.id}").click(change).run()


def make_sessions(*named: str) -> list[Session]:
    store, now = resources.store(), datetime.now(UTC)
    return [store.sessions.create(name, now + timedelta(minutes=place)) for place, name in enumerate(named)]


def test_sessions_can_be_searched_by_title(open_app: OpenApp) -> None:
    app = open_app("history")
    make_sessions("Birds", "Parts, batch 7", "More birds")

    app.text_input(SEARCH_KEY).set_value("bird").run()

    assert titles(app) == ["More birds", "Birds"]


def test_sessions_are_sorted_in_the_chosen_order(open_app: OpenApp) -> None:
    app = open_app("history")
    make_sessions("b", "a", "c")

    app.selectbox(SESSIONS_ORDER_KEY).set_value("Title").run()

    assert titles(app) == ["a", "b", "c"]


def test_a_search_without_matches_shows_a_message(open_app: OpenApp) -> None:
    app = open_app("history", find="nobody")

    assert "No matching sessions" in page_text(app)


def test_a_page_lists_twenty_sessions(open_app: OpenApp) -> None:
    app = open_app("history")
    make_sessions(*(f"Session {place:02}" for place in range(45)))

    first = titles(app.run())
    last = titles(app.pagination(PAGE_KEY).set_value(3).run())

    assert (first[0], first[-1]) == ("Session 44", "Session 25")
    assert last == ["Session 04", "Session 03", "Session 02", "Session 01", "Session 00"]


def test_a_session_shows_its_counts_agreement_and_creator(open_app: OpenApp, known: Session) -> None:
    app = open_app("history")

    # Five images have both answers; same.jpg, wrong.jpg and unsure.jpg have equal ones. Four of six are known.
    assert "6 images · 2 versions · 60% agreement · 67% reviewed · by Ada" in page_text(app)


def test_a_session_is_renamed_in_its_row(open_app: OpenApp, known: Session) -> None:
    app = open_app("history")

    choose(app, known, "Rename")
    app.text_input(f"title-{known.id}").set_value("Birds of November").run()

    assert titles(app) == ["Birds of November"]


def test_an_archived_session_is_hidden_until_it_is_restored(open_app: OpenApp, known: Session) -> None:
    app = open_app("history")

    choose(app, known, "Archive")
    without = titles(app)
    app.toggle(ARCHIVED_KEY).set_value(True).run()
    archived = titles(app)
    choose(app, known, "Restore")
    app.toggle(ARCHIVED_KEY).set_value(False).run()

    assert (without, archived, titles(app)) == ([], ["Known"], ["Known"])


def test_deleting_a_session_requires_a_confirmation_that_lists_its_content(open_app: OpenApp, known: Session) -> None:
    app = open_app("history")

    choose(app, known, "Delete")

    assert "deletes 6 images with their predictions, and all annotations made here" in page_text(app)
    assert resources.store().sessions.get(known.id) is not None


def test_a_confirmed_deletion_removes_the_session(open_app: OpenApp, known: Session) -> None:
    app = open_app("history")
    choose(app, known, "Delete")

    app.button("confirm-deletion").click().run()

    assert titles(app) == []
    with pytest.raises(UnknownSession):
        resources.store().sessions.get(known.id)
