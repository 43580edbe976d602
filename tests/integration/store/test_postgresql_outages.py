"""A PostgreSQL that stops, or that the network hides, costs a sentence, and the next call works again."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from lib.errors import StorageUnavailable
from lib.store import Store
from tests.builders.values import NOON
from tests.integration.store.openers import open_in_processes
from tests.stand_ins.postgresql_server import PostgresqlServer
from tests.stand_ins.tcp_proxy import TcpProxy

UNREACHABLE = "^The database cannot be reached. Try again in a minute."
# A second each, so that no test waits for long.
QUICK = "timeout=1&connect_timeout=2"


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresqlServer]:
    with PostgresqlServer() as server:
        yield server


@pytest.fixture
def database(server: PostgresqlServer) -> str:
    return server.create_database()


@pytest.fixture
def proxy(server: PostgresqlServer) -> Iterator[TcpProxy]:
    with TcpProxy(server.port) as proxy:
        yield proxy


@pytest.fixture
def store(server: PostgresqlServer, proxy: TcpProxy, database: str, tmp_path: Path) -> Iterator[Store]:
    """A store behind the proxy."""
    address = server.url_of(database).replace(f":{server.port}/", f":{proxy.port}/")
    store = Store(f"{address}?{QUICK}", str(tmp_path / "images"))
    yield store
    store.close()


def expect_unreachable(store: Store) -> None:
    with pytest.raises(StorageUnavailable, match=UNREACHABLE) as caught:
        store.sessions.find()
    assert caught.value.is_retryable


def test_a_dropped_connection_is_replaced_unnoticed(store: Store, proxy: TcpProxy) -> None:
    session = store.sessions.create("Birds", NOON)

    proxy.drop()

    assert store.sessions.get(session.id) == session


def test_a_connection_that_passes_nothing_is_replaced(store: Store, proxy: TcpProxy) -> None:
    session = store.sessions.create("Birds", NOON)

    proxy.swallow()
    proxy.pass_again()

    assert store.sessions.get(session.id) == session


def test_a_network_that_passes_nothing_is_reported_until_it_passes_again(store: Store, proxy: TcpProxy) -> None:
    session = store.sessions.create("Birds", NOON)

    proxy.swallow()
    expect_unreachable(store)
    proxy.pass_again()

    assert store.sessions.get(session.id) == session


def test_an_answer_that_is_swallowed_is_reported_and_the_next_call_works(
    server: PostgresqlServer, store: Store, proxy: TcpProxy, database: str
) -> None:
    session = store.sessions.create("Birds", NOON)

    with ThreadPoolExecutor(1) as thread, psycopg.connect(server.address_of(database)) as other:
        other.execute("LOCK TABLE sessions")
        renaming = thread.submit(store.sessions.rename, session.id, "Owls")
        wait_until_somebody_waits(server)
        proxy.swallow()
        with pytest.raises(StorageUnavailable, match=UNREACHABLE):
            renaming.result()
    proxy.pass_again()

    assert store.sessions.get(session.id).title == "Birds"


def test_a_statement_that_takes_too_long_is_stopped(server: PostgresqlServer, store: Store, database: str) -> None:
    session = store.sessions.create("Birds", NOON)

    with psycopg.connect(server.address_of(database)) as other:
        other.execute("LOCK TABLE sessions")
        with pytest.raises(StorageUnavailable, match=r"^The database did not finish in time\.") as caught:
            store.sessions.rename(session.id, "Owls")

    assert caught.value.is_retryable
    assert store.sessions.get(session.id).title == "Birds"


def test_a_server_that_is_stopped_and_started_again_answers_the_next_call(
    server: PostgresqlServer, store: Store
) -> None:
    session = store.sessions.create("Birds", NOON)

    server.stop()
    expect_unreachable(store)
    server.start()

    assert store.sessions.get(session.id) == session


def test_four_processes_may_start_at_once_on_an_empty_database(server: PostgresqlServer, tmp_path: Path) -> None:
    url = server.url_of(server.create_database())

    exit_codes = open_in_processes(4, url, str(tmp_path / "images"))

    assert exit_codes == [0, 0, 0, 0]


def test_a_database_that_became_read_only_is_reported(server: PostgresqlServer, store: Store, database: str) -> None:
    session = store.sessions.create("Birds", NOON)
    with psycopg.connect(server.address_of("postgres"), autocommit=True) as admin:
        admin.execute(f"ALTER DATABASE {database} SET default_transaction_read_only = on".encode())
    store.close()  # only new connections are read-only

    with pytest.raises(StorageUnavailable, match=r"^The database is read-only\.") as caught:
        store.sessions.rename(session.id, "Owls")

    assert not caught.value.is_retryable
    assert store.sessions.get(session.id) == session


def wait_until_somebody_waits(server: PostgresqlServer) -> None:
    with psycopg.connect(server.address_of("postgres"), autocommit=True) as admin:
        while not admin.execute("SELECT 1 FROM pg_locks WHERE NOT granted").fetchone():
            pass
