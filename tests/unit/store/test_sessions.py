"""Sessions and their rejected files."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.dialects import sqlite

from lib.domain.sessions import RejectedFile, Session, SessionSearch
from lib.errors import UnknownSession
from lib.store import Store
from lib.store.summaries import select_summaries
from tests.builders.values import NOON, make_prepared_image
from tests.unit.conftest import OpenStore


def test_a_session_is_found_by_its_id_after_a_restart(open_store: OpenStore) -> None:
    created = open_store().sessions.create("Birds of November", NOON)

    assert open_store().sessions.get(created.id) == created


def test_session_ids_are_unguessable_and_never_look_like_an_option(store: Store) -> None:
    ids = {store.sessions.create("Birds", NOON).id for _ in range(50)}

    # 72 bits, 4 a digit.
    assert (len(ids), {len(session_id) for session_id in ids}) == (50, {18})
    assert all(session_id.isalnum() for session_id in ids)


@pytest.mark.parametrize("session_id", ["nobody", "", "x" * 1000, "nul\0", "\ud800"])
def test_an_unknown_session_raises_an_error_with_a_message(store: Store, session_id: str) -> None:
    with pytest.raises(UnknownSession, match="There is no session at this address"):
        store.sessions.get(session_id)


def test_sessions_are_listed_latest_first_in_pages(store: Store) -> None:
    titles = [f"Session {place}" for place in range(5)]
    _ = [store.sessions.create(title, NOON + timedelta(hours=place)) for place, title in enumerate(titles)]

    page = store.sessions.find(offset=1, limit=2)

    assert [summary.session.title for summary in page] == ["Session 3", "Session 2"]
    assert store.sessions.count() == 5


def test_a_session_has_its_number_of_images(store: Store, session: Session) -> None:
    store.images.add(session.id, make_prepared_image(b"one"), NOON)
    store.images.add(session.id, make_prepared_image(b"two"), NOON)

    assert store.sessions.get(session.id).image_count == 2
    assert store.sessions.find()[0].session.image_count == 2


def test_rejected_files_are_listed_until_they_are_dismissed(store: Store, session: Session) -> None:
    first, second = RejectedFile("a.txt", "Not an image."), RejectedFile("b.txt", "Empty.")
    store.images.add_rejected_file(session.id, first, NOON)
    store.images.add_rejected_file(session.id, second, NOON)

    assert store.images.find_rejected_files(session.id) == [first, second]
    store.images.clear_rejected_files(session.id)
    assert store.images.find_rejected_files(session.id) == []


def test_sessions_created_at_the_same_time_are_listed_latest_first(store: Store) -> None:
    first, second = store.sessions.create("First", NOON), store.sessions.create("Second", NOON)

    assert [summary.session for summary in store.sessions.find()] == [second, first]


def test_unstorable_characters_in_a_title_are_replaced(store: Store) -> None:
    created = store.sessions.create("nul\0 half\ud800", NOON)

    assert created.title == "nul\ufffd half?"
    assert store.sessions.get(created.id) == created


def test_unstorable_characters_in_a_rejection_are_replaced(store: Store, session: Session) -> None:
    store.images.add_rejected_file(session.id, RejectedFile("nul\0", "half\ud800"), NOON)

    assert store.images.find_rejected_files(session.id) == [RejectedFile("nul\ufffd", "half?")]


@pytest.mark.sqlite_only
def test_a_page_of_sessions_needs_no_sorting(store: Store, tmp_path: Path) -> None:
    statement = str(select_summaries(SessionSearch()).compile(dialect=sqlite.dialect()))

    with closing(sqlite3.connect(tmp_path / "data" / "test.db")) as connection:
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement} LIMIT 20")]

    assert "SCAN sessions USING INDEX sessions_by_time" in plan
    assert not [step for step in plan if "TEMP B-TREE" in step]
