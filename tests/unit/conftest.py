"""A real SQLite file and a real folder."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lib.domain.sessions import Session
from lib.store import Store
from tests.builders.databases import make_database
from tests.builders.values import NOON

OpenStore = Callable[[], Store]


@pytest.fixture
def open_store(tmp_path: Path) -> Iterator[OpenStore]:
    """Return a function that opens the test's store again, as another process would."""
    opened: list[Store] = []

    def open_() -> Store:
        opened.append(Store(make_database(tmp_path / "data" / "test.db"), str(tmp_path / "data" / "images")))
        return opened[-1]

    yield open_
    for store in opened:
        store.close()


@pytest.fixture
def store(open_store: OpenStore) -> Store:
    return open_store()


@pytest.fixture
def session(store: Store) -> Session:
    return store.sessions.create("Birds", NOON)
