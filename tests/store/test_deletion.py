"""A deleted session is gone, and takes with it just what no other session has."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from lib.domain.pair import Matchup, VerdictReading
from lib.domain.session import Refusal, Session
from lib.errors import UnknownSession
from lib.store import Store
from tests.builders import NOON, make_prepared_image, make_record, make_version


def add_image(store: Store, session: Session, content: bytes) -> str:
    prepared = make_prepared_image(content)
    store.add_image(session.id, prepared, NOON)
    return prepared.image.sha256


def test_a_deleted_session_is_gone_with_its_images_and_answers(store: Store, session: Session) -> None:
    sha256 = add_image(store, session, b"own")
    store.add_record(make_record(sha256, session_id=session.id))
    store.set_truths(session.id, [sha256], "cat", "Ada", NOON)
    store.add_refusal(session.id, Refusal("a.txt", "Not an image."), NOON)
    store.add_verdict_reading(Matchup(session.id, make_version(), make_version()), VerdictReading(1, 0.5), NOON)

    store.delete_session(session.id)

    assert (store.count_sessions(), store.find_records([sha256], [make_version()])) == (0, [])
    with pytest.raises(UnknownSession):
        store.get_session(session.id)
    with pytest.raises(FileNotFoundError):
        store.get_content(sha256)
    with pytest.raises(FileNotFoundError):
        store.get_thumbnail(sha256)


def test_what_another_session_has_stays_with_its_answers(store: Store, session: Session) -> None:
    other = store.create_session("Other", NOON)
    shared, _ = add_image(store, session, b"shared"), add_image(store, session, b"own")
    add_image(store, other, b"shared")
    store.add_record(make_record(shared, session_id=session.id))

    lost = store.count_own_images(session.id)
    store.delete_session(session.id)

    (record,) = store.find_records([shared], [make_version()])
    assert (lost, record.session_id) == (1, other.id)
    assert store.get_prepared(other.id, shared).content == b"shared"
    assert store.find_versions(other.id) == [make_version()]


def test_deleting_twice_does_no_harm(store: Store, session: Session) -> None:
    other = store.create_session("Other", NOON)

    store.delete_session(session.id)
    store.delete_session(session.id)

    assert store.get_session(other.id) == other


def test_an_image_that_comes_back_after_a_deletion_is_whole(store: Store, session: Session) -> None:
    sha256 = add_image(store, session, b"again")
    store.delete_session(session.id)
    other = store.create_session("Other", NOON)

    add_image(store, other, b"again")

    assert store.get_prepared(other.id, sha256).content == b"again"


def test_an_image_that_is_added_while_its_last_session_is_deleted_keeps_its_bytes(store: Store) -> None:
    def race(place: int) -> bytes:
        first, second = (store.create_session(f"{place}", NOON) for _ in range(2))
        content = f"raced {place}".encode()
        sha256 = add_image(store, first, content)
        with ThreadPoolExecutor(2) as threads:
            deleted = threads.submit(store.delete_session, first.id)
            added = threads.submit(add_image, store, second, content)
        deleted.result()
        return store.get_prepared(second.id, added.result()).content if sha256 else b""

    assert [race(place) for place in range(40)] == [f"raced {place}".encode() for place in range(40)]
