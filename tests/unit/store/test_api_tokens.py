"""API tokens: who they authenticate, when they end, and what is stored of them."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from lib.store import Store
from tests.builders.values import NOON

MINUTE = timedelta(minutes=1)


def test_a_token_has_its_creator_and_purpose(store: Store) -> None:
    token = store.people.add_token("Nightly", "ada@example.com", NOON)

    used = store.people.use_token(token, NOON)

    assert used is not None
    assert (used.note, used.made_by, used.made_at) == ("Nightly", "ada@example.com", NOON)


def test_a_revoked_token_is_invalid_and_keeps_its_revocation_time(store: Store) -> None:
    token = store.people.add_token("", "ada@example.com", NOON)

    store.people.revoke_token(1, NOON)
    store.people.revoke_token(1, NOON + MINUTE)

    assert store.people.use_token(token, NOON + MINUTE) is None
    assert store.people.find_tokens()[0].revoked_at == NOON


@pytest.mark.parametrize("token", ["", "wrong", "x" * 10_000, "\ud800", "' OR 1=1 --"])
def test_an_unknown_token_is_invalid(store: Store, token: str) -> None:
    store.people.add_token("", "ada@example.com", NOON)

    assert store.people.use_token(token, NOON) is None


def test_token_use_is_recorded_once_a_minute(store: Store) -> None:
    token = store.people.add_token("", "ada@example.com", NOON)
    noted = []

    for after in (0.0, 0.5, 1.5):
        store.people.use_token(token, NOON + after * MINUTE)
        noted.append(store.people.find_tokens()[0].used_at)

    assert noted == [NOON, NOON, NOON + 1.5 * MINUTE]


def test_tokens_are_listed_latest_first_and_by_creator(store: Store) -> None:
    for note, by in [("first", "ada@example.com"), ("second", "grace@example.com"), ("third", "ada@example.com")]:
        store.people.add_token(note, by, NOON)

    assert [token.note for token in store.people.find_tokens()] == ["third", "second", "first"]
    assert [token.note for token in store.people.find_tokens("ada@example.com")] == ["third", "first"]


@pytest.mark.sqlite_only
def test_a_token_is_not_stored_in_the_database(store: Store, tmp_path: Path) -> None:
    token = store.people.add_token("", "ada@example.com", NOON)

    store.close()
    with closing(sqlite3.connect(tmp_path / "data" / "test.db")) as connection:
        kept = "\n".join(connection.iterdump())

    assert "ada@example.com" in kept
    assert token not in kept
