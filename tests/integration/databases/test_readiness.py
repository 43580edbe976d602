"""Whether the database and the image files can be used now, as health checks ask."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from lib.errors import NotReady
from lib.settings import ROOT
from lib.store import Store
from tests.builders.values import NOON


def change(database_url: str, statement: str) -> None:
    """Run a statement in a connection of its own."""
    engine = create_engine(database_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def test_a_store_in_order_is_ready(store: Store) -> None:
    store.check_database()
    store.check_migrations()
    store.check_images()


def test_checks_leave_nothing_behind(store: Store, tmp_path: Path) -> None:
    store.check_database()
    store.check_images()

    assert [path for path in (tmp_path / "data/images").rglob("*") if path.is_file()] == []
    assert store.sessions.count() == 0


def test_tables_of_another_release_are_not_ready(store: Store, database_url: str) -> None:
    change(database_url, "UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(NotReady, match="are those of another release"):
        store.check_migrations()


def test_a_missing_table_is_not_ready(store: Store, database_url: str) -> None:
    change(database_url, "DROP TABLE rejected_files")

    with pytest.raises(NotReady, match="cannot be read"):
        store.check_database()


@pytest.mark.postgresql
def test_a_postgresql_database_that_is_gone_is_not_ready(postgresql: Callable[[], str], tmp_path: Path) -> None:
    url = make_url(postgresql())
    server = url.set(database="postgres").render_as_string(hide_password=False)
    with closing(Store(str(url), str(tmp_path))) as store:
        change(server, f'DROP DATABASE "{url.database}" WITH (FORCE)')

        for check in (store.check_database, store.check_migrations):
            with pytest.raises(NotReady, match="cannot be read"):
                check()


@pytest.mark.postgresql
def test_a_postgresql_database_that_takes_no_writes_is_not_ready(postgresql: Callable[[], str], tmp_path: Path) -> None:
    url = postgresql()
    with closing(Store(url, str(tmp_path))) as store:
        change(url, f'ALTER DATABASE "{make_url(url).database}" SET default_transaction_read_only = on')

        with pytest.raises(NotReady, match="cannot be written"):
            store.check_database()


def find_file(tmp_path: Path) -> Path:
    return tmp_path / "data/test.db"


@pytest.mark.sqlite_only
def test_checks_do_not_release_the_locks_of_the_database(store: Store, tmp_path: Path) -> None:
    store.check_database()

    # A process that believes to be the last one would delete the log in which this process writes.
    count_sessions(tmp_path)
    store.sessions.create("Birds", NOON)

    assert count_sessions(tmp_path) == "1"


def count_sessions(tmp_path: Path) -> str:
    """The number of sessions that another process finds, which opens and closes the store."""
    script = "import sys; from lib.store import Store; s = Store(*sys.argv[1:]); print(s.sessions.count()); s.close()"
    command = [sys.executable, "-c", script, f"sqlite:///{find_file(tmp_path)}", str(tmp_path / "data/images")]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


@pytest.mark.sqlite_only
def test_a_deleted_database_is_not_ready_and_not_created_again(store: Store, tmp_path: Path) -> None:
    find_file(tmp_path).unlink()

    with pytest.raises(NotReady, match="cannot be read"):
        store.check_database()
    with pytest.raises(NotReady, match="cannot be read"):
        store.check_migrations()
    assert not find_file(tmp_path).exists()


@pytest.mark.sqlite_only
def test_a_database_replaced_under_the_app_is_not_ready(store: Store, tmp_path: Path) -> None:
    content = find_file(tmp_path).read_bytes()
    (tmp_path / "other.db").write_bytes(content)
    (tmp_path / "other.db").replace(find_file(tmp_path))

    with pytest.raises(NotReady, match="was replaced: restart the server"):
        store.check_database()


@pytest.mark.sqlite_only
@pytest.mark.parametrize(("begin", "length"), [(0, 100), (0, None), (4096, None)])
def test_a_damaged_database_is_not_ready(store: Store, tmp_path: Path, begin: int, length: int | None) -> None:
    store.sessions.count()  # a connection is open, and has read pages
    with find_file(tmp_path).open("r+b") as file:
        file.seek(begin)
        file.write(b"\xa5" * (length or find_file(tmp_path).stat().st_size - begin))

    with pytest.raises(NotReady, match=r"is damaged|cannot be read"):
        store.check_database()


@pytest.mark.sqlite_only
def test_an_empty_file_is_not_ready(store: Store, tmp_path: Path) -> None:
    os.truncate(find_file(tmp_path), 0)

    with pytest.raises(NotReady, match="is damaged"):
        store.check_database()


@pytest.mark.sqlite_only
def test_a_database_that_takes_no_writes_is_not_ready(store: Store, tmp_path: Path) -> None:
    with closing(sqlite3.connect(find_file(tmp_path))) as connection:
        connection.execute("CREATE TRIGGER shut BEFORE UPDATE ON alembic_version BEGIN SELECT RAISE(ABORT, 'no'); END")
        connection.commit()

        with pytest.raises(NotReady, match="cannot be written"):
            store.check_database()


@pytest.mark.sqlite_only
def test_a_database_that_is_busy_is_ready(store: Store, tmp_path: Path) -> None:
    with closing(sqlite3.connect(find_file(tmp_path), isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")

        store.check_database()


@pytest.mark.sqlite_only
def test_a_missing_image_folder_is_not_ready_and_not_created_again(store: Store, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "data/images")

    with pytest.raises(NotReady, match="the place is missing"):
        store.check_images()
    assert not (tmp_path / "data/images").exists()


@pytest.mark.sqlite_only
def test_a_place_that_takes_no_files_is_not_ready(store: Store, tmp_path: Path) -> None:
    (tmp_path / "data/images/unfinished").write_bytes(b"")  # no folder to write in

    with pytest.raises(NotReady, match="cannot be written and read"):
        store.check_images()


@pytest.mark.sqlite_only
def test_an_object_store_that_takes_files_is_ready(database_url: str) -> None:
    with closing(Store(database_url, "memory://look")) as store:
        store.check_images()
