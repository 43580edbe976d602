"""Every test of the store runs with SQLite and with PostgreSQL, but for those that are about one of them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lib.store import Store
from lib.store.engine import open_engine
from tests.builders.databases import make_database
from tests.stand_ins.postgresql_server import PostgresqlServer
from tests.unit.conftest import OpenStore


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database_url" in metafunc.fixturenames:
        postgresql = pytest.param("postgresql", marks=pytest.mark.postgresql)
        is_about = metafunc.definition.get_closest_marker
        others = [] if is_about("sqlite_only") else [postgresql]
        both = others if is_about("postgresql_only") else ["sqlite", *others]
        metafunc.parametrize("database_url", both, indirect=True)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Callable[[], str]]:
    """Makes a PostgreSQL database of today's schema, and returns its URL."""
    with PostgresqlServer() as server:
        template = server.create_database()
        open_engine(server.url_of(template)).dispose()
        yield lambda: server.url_of(server.create_database(template))


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of the test's empty database."""
    if request.param == "sqlite":
        return make_database(tmp_path / "data" / "test.db")
    make: Callable[[], str] = request.getfixturevalue("postgresql")
    return make()


@pytest.fixture
def open_store(database_url: str, tmp_path: Path) -> Iterator[OpenStore]:
    """Return a function that opens the test's store again, as another process would."""
    opened: list[Store] = []

    def open_() -> Store:
        opened.append(Store(database_url, str(tmp_path / "data" / "images")))
        return opened[-1]

    yield open_
    for store in opened:
        store.close()
