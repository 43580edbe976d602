"""Share links: what they open, when they expire, and what is stored of them."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from lib.domain.sessions import Session, ShareTerms
from lib.store import Store
from tests.builders.values import NOON

WEEK = timedelta(days=7)


def test_a_link_opens_its_session_until_it_expires(store: Store, session: Session) -> None:
    token = store.sharing.add(session.id, ShareTerms("For the board", WEEK), "Ada", NOON)

    found = store.sharing.find_by_token(token, NOON + WEEK - timedelta(seconds=1))

    assert found is not None
    assert (found.session_id, found.note, found.made_by) == (session.id, "For the board", "Ada")
    assert store.sharing.find_by_token(token, NOON + WEEK) is None


def test_a_link_without_an_expiry_works_until_it_is_revoked(store: Store, session: Session) -> None:
    token = store.sharing.add(session.id, ShareTerms(), "Ada", NOON)
    much_later = NOON + timedelta(days=3650)
    works = store.sharing.find_by_token(token, much_later)

    store.sharing.revoke(session.id, 1, much_later)

    assert works is not None
    assert store.sharing.find_by_token(token, much_later) is None


@pytest.mark.parametrize("token", ["", "wrong", "x" * 10_000, "\ud800", "' OR 1=1 --"])
def test_an_unknown_token_opens_no_session(store: Store, session: Session, token: str) -> None:
    store.sharing.add(session.id, ShareTerms(), "Ada", NOON)

    assert store.sharing.find_by_token(token, NOON) is None


def test_a_link_cannot_be_revoked_through_another_session(store: Store, session: Session) -> None:
    token = store.sharing.add(session.id, ShareTerms(), "Ada", NOON)
    other = store.sessions.create("Other", NOON)

    store.sharing.revoke(other.id, 1, NOON)

    assert store.sharing.find_by_token(token, NOON) is not None


def test_link_visits_are_counted_with_the_latest_time(store: Store, session: Session) -> None:
    token = store.sharing.add(session.id, ShareTerms(), "Ada", NOON)
    share = store.sharing.find_by_token(token, NOON)
    assert share is not None

    store.sharing.record_opening(share, NOON)
    store.sharing.record_opening(share, NOON + WEEK)

    (listed,) = store.sharing.find(session.id)
    assert (listed.opened, listed.opened_at) == (2, NOON + WEEK)


def test_links_are_listed_latest_first_including_expired_ones(store: Store, session: Session) -> None:
    for note in ("first", "second"):
        store.sharing.add(session.id, ShareTerms(note, WEEK), "Ada", NOON)
    store.sharing.revoke(session.id, 1, NOON)

    listed = store.sharing.find(session.id)

    assert [(share.note, share.works(NOON)) for share in listed] == [("second", True), ("first", False)]


@pytest.mark.sqlite_only
def test_a_token_has_192_bits_and_is_not_stored_in_the_database(store: Store, session: Session, tmp_path: Path) -> None:
    tokens = {store.sharing.add(session.id, ShareTerms(), "Ada", NOON) for _ in range(20)}

    store.close()
    with closing(sqlite3.connect(tmp_path / "data" / "test.db")) as connection:
        kept = "\n".join(connection.iterdump())

    # Hexadecimal has 4 bits a digit.
    assert {len(token) * 4 for token in tokens} == {192}
    assert (len(tokens), all(token.isalnum() for token in tokens)) == (20, True)
    assert not [token for token in tokens if token in kept]
