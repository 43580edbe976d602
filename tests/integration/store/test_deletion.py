"""Deleting a session deletes exactly the data that no other session uses."""

import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from threading import Barrier

import pytest

from lib.domain.matrix import RowSearch
from lib.domain.predictions import Failure, ProbeResult
from lib.domain.reviews import Review, ReviewMode
from lib.domain.sessions import RejectedFile, Session
from lib.errors import UnknownSession
from lib.store import Store
from lib.store.tables import METADATA
from tests.builders.pairs import make_true_label
from tests.builders.values import NOON, make_prediction, make_prepared_image, make_record, make_version

CountRows = Callable[[], dict[str, int]]


@pytest.fixture
def count_rows(store: Store, tmp_path: Path) -> Iterator[CountRows]:
    """Says how many rows each table has, and how many of them refer to a row that is not there."""
    with closing(sqlite3.connect(tmp_path / "data" / "test.db")) as connection:

        def count() -> dict[str, int]:
            lost = len(connection.execute("PRAGMA foreign_key_check").fetchall())
            # Names of tables cannot be bound; these are our own.
            selects = {name: f'SELECT count(*) FROM "{name}"' for name in METADATA.tables}  # noqa: S608
            counts = {name: connection.execute(select).fetchone()[0] for name, select in selects.items()}
            return {**counts, "lost": lost}

        yield count


def fill(store: Store, session: Session, name: str, count: int) -> list[str]:
    """Give the session something in every table: images with an answer, a failure and a truth each, and the rest."""
    sha256s = [add_image(store, session, f"{name} {place}".encode()) for place in range(count)]
    for sha256 in sha256s:
        store.predictions.add(make_record(sha256, session_id=session.id))
        failed = make_record(sha256, session_id=session.id, version=make_version("v2"), outcome=Failure("It was busy."))
        store.predictions.add(failed)
    store.annotations.set_true_labels(session.id, sha256s, make_true_label("cat"), "Ada", NOON)
    store.reviews.change(session.id, Review(ReviewMode.BLIND))
    store.images.add_rejected_file(session.id, RejectedFile("a.txt", "Not an image."), NOON)
    store.probes.add(ProbeResult(session.id, sha256s[0], make_version(), "blurred", NOON, 0.125, make_prediction()))
    store.sessions.find()
    return sha256s


def find_files(store: Store, sha256: str) -> Iterator[bytes]:
    """Return the remaining files of an image."""
    for read in (store.images.get_content, store.images.get_thumbnail):
        with suppress(FileNotFoundError):
            yield read(sha256)


def add_image(store: Store, session: Session, content: bytes) -> str:
    prepared = make_prepared_image(content)
    store.images.add(session.id, prepared, NOON)
    return prepared.image.sha256


def test_deleting_a_session_deletes_its_images_and_predictions(store: Store, session: Session) -> None:
    sha256 = add_image(store, session, b"own")
    store.predictions.add(make_record(sha256, session_id=session.id))
    store.annotations.set_true_labels(session.id, [sha256], make_true_label("cat"), "Ada", NOON)
    store.images.add_rejected_file(session.id, RejectedFile("a.txt", "Not an image."), NOON)

    store.sessions.delete(session.id)

    assert (store.sessions.count(), store.predictions.find([sha256], [make_version()])) == (0, [])
    with pytest.raises(UnknownSession):
        store.sessions.get(session.id)
    with pytest.raises(FileNotFoundError):
        store.images.get_content(sha256)
    with pytest.raises(FileNotFoundError):
        store.images.get_thumbnail(sha256)


def test_data_of_another_session_stays_with_its_predictions(store: Store, session: Session) -> None:
    other = store.sessions.create("Other", NOON)
    shared, _ = add_image(store, session, b"shared"), add_image(store, session, b"own")
    add_image(store, other, b"shared")
    store.predictions.add(make_record(shared, session_id=session.id))
    store.predictions.add_versions(other.id, [make_version()], NOON)

    lost = store.sessions.count_own_images(session.id)
    store.sessions.delete(session.id)

    (record,) = store.predictions.find([shared], [make_version()])
    assert (lost, record.session_id) == (1, other.id)
    assert store.images.get_prepared(other.id, shared).content == b"shared"
    assert store.predictions.find_versions(other.id) == [make_version()]


def test_deleting_twice_is_not_an_error(store: Store, session: Session) -> None:
    other = store.sessions.create("Other", NOON)

    store.sessions.delete(session.id)
    store.sessions.delete(session.id)

    assert store.sessions.get(other.id) == other


def test_an_image_added_again_after_a_deletion_is_complete(store: Store, session: Session) -> None:
    sha256 = add_image(store, session, b"again")
    store.sessions.delete(session.id)
    other = store.sessions.create("Other", NOON)

    add_image(store, other, b"again")

    assert store.images.get_prepared(other.id, sha256).content == b"again"


def test_an_image_that_is_added_while_its_last_session_is_deleted_keeps_its_bytes(store: Store) -> None:
    def race(place: int) -> bytes:
        first, second = (store.sessions.create(f"{place}", NOON) for _ in range(2))
        content = f"raced {place}".encode()
        add_image(store, first, content)
        start = Barrier(2)

        def delete() -> None:
            start.wait()
            store.sessions.delete(first.id)

        def add() -> str:
            start.wait()
            return add_image(store, second, content)

        with ThreadPoolExecutor(2) as threads:
            deleted, added = threads.submit(delete), threads.submit(add)
        deleted.result()
        return store.images.get_prepared(second.id, added.result()).content

    assert [race(place) for place in range(50)] == [f"raced {place}".encode() for place in range(50)]


def test_simultaneous_deletions_of_the_last_sessions_delete_their_image(store: Store) -> None:
    def race(place: int) -> tuple[int, list[bytes]]:
        both = [store.sessions.create(f"{place}", NOON) for _ in range(2)]
        content = f"raced {place}".encode()
        sha256, _ = (add_image(store, session, content) for session in both)
        store.predictions.add(make_record(sha256, session_id=both[0].id))
        with ThreadPoolExecutor(2) as threads:
            list(threads.map(store.sessions.delete, [session.id for session in both]))
        return len(store.predictions.find([sha256], [make_version()])), list(find_files(store, sha256))

    assert [race(place) for place in range(20)] == [(0, [])] * 20


def test_a_deleted_session_leaves_nothing_in_any_table_or_folder(
    store: Store, session: Session, count_rows: CountRows, tmp_path: Path
) -> None:
    kept = fill(store, session, "kept", 2)
    before = count_rows()
    going = store.sessions.create("Going", NOON)
    fill(store, going, "going", 3)

    store.sessions.delete(going.id)

    files = {path.name for path in (tmp_path / "data" / "images").rglob("*") if path.is_file()}
    assert count_rows() == before
    assert before["lost"] == 0
    assert files == {*kept, *(f"{sha256}.webp" for sha256 in kept)}


def test_the_matrix_of_another_session_does_not_change(store: Store, session: Session, count_rows: CountRows) -> None:
    other = store.sessions.create("Other", NOON)
    fill(store, session, "shared", 3)
    fill(store, other, "shared", 4)
    versions = (make_version(), make_version("v2"))
    rows, summary = store.matrix.find_rows(other.id, RowSearch(versions)), store.sessions.find()[0]

    store.sessions.delete(session.id)

    assert store.matrix.find_rows(other.id, RowSearch(versions)) == rows
    assert store.sessions.find() == [summary]
    assert count_rows()["lost"] == 0


def test_a_shared_prediction_is_deleted_with_its_last_session(store: Store) -> None:
    sessions = [store.sessions.create(f"{place}", NOON) for place in range(3)]
    sha256, *_ = (add_image(store, session, b"shared") for session in sessions)
    store.predictions.add(make_record(sha256, session_id=sessions[0].id))
    for session in sessions[1:]:
        store.predictions.add_versions(session.id, [make_version()], NOON)

    store.sessions.delete(sessions[0].id)
    store.sessions.delete(sessions[1].id)
    (record,) = store.predictions.find([sha256], [make_version()])
    store.sessions.delete(sessions[2].id)

    assert record.session_id == sessions[2].id
    assert store.predictions.find([sha256], [make_version()]) == []


def test_an_archived_session_can_be_deleted(store: Store, session: Session) -> None:
    store.sessions.archive(session.id, NOON)

    store.sessions.delete(session.id)

    with pytest.raises(UnknownSession):
        store.sessions.get(session.id)


def test_a_session_with_very_many_images_is_deleted_completely(
    store: Store, session: Session, count_rows: CountRows
) -> None:
    empty = count_rows()
    going = store.sessions.create("Going", NOON)
    fill(store, going, "going", 600)

    lost = store.sessions.count_own_images(going.id)
    store.sessions.delete(going.id)

    # Versions and label sets stay: they say what was asked, and other sessions share them.
    assert lost == 600
    assert count_rows() == {**empty, "versions": 2, "label_sets": 1}
