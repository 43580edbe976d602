"""Opens the database and migrates its tables."""

import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, inspect, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DatabaseError

from lib.errors import InvalidSettings
from lib.store.sqlite_file import watch_file
from lib.store.storage_errors import ReportingPool, translate_database_errors

HEAD = "0018"
"""The newest migration, as the table `alembic_version` of an up-to-date database has it."""

_MIGRATIONS = Path(__file__).parent / "migrations"
_SETTINGS = "SECOND_LOOK_DATABASE_URL or SECOND_LOOK_DATA_DIR"
_BACKENDS = ("sqlite", "postgresql")
_WAIT_S = 30
_CACHE_KB = 32 * 1024
_READS = "second_look_reads"


def open_engine(database_url: str) -> Engine:
    """Return the engine of an up-to-date database. Creates the database, and the folder of an SQLite file, if missing.

    Raises InvalidSettings if the database cannot be opened. From then on, its transactions raise StorageUnavailable
    where the database does not work. A parameter `timeout` of the URL is the number of seconds that a transaction waits
    for other writers (SQLite), or for the server (PostgreSQL).
    """
    with _translating_errors():
        url = make_url(database_url)
        engine = _migrate(_make_engine(url))
    translate_database_errors(engine)
    file = _find_sqlite_file(url)
    if file:
        watch_file(engine, file)
    return engine


def find_revision(database_url: str) -> str | None:
    """Return the newest migration of a database, which is not changed; None if there is no database or no table.

    Raises InvalidSettings if the database cannot be opened.
    """
    file = find_sqlite_file(database_url)
    if file is not None and not file.exists():
        return None
    with _translating_errors():
        engine = _make_engine(make_url(database_url))
        try:
            with reading(engine).begin() as connection:
                return _revision(connection)
        finally:
            engine.dispose()


@contextmanager
def _translating_errors() -> Iterator[None]:
    try:
        yield
    except (ArgumentError, DatabaseError, ImportError, OSError, ValueError) as error:
        raise InvalidSettings(f"The database of {_SETTINGS} cannot be opened: {describe_error(error)}") from error


def describe_error(error: Exception) -> str:
    """Return the reason that the database's driver gives for an error, in one line."""
    return str(error.orig if isinstance(error, DatabaseError) else error).partition("\n")[0]


def _make_engine(url: URL) -> Engine:
    backend = url.get_backend_name()
    if backend not in _BACKENDS:
        raise ArgumentError(f"{backend} is neither sqlite nor postgresql")
    wait_s = float(str(url.query.get("timeout", _WAIT_S)))
    if not wait_s > 0:
        raise ValueError("timeout is not a positive number of seconds")
    url = url.difference_update_query(["timeout"])
    if backend == "sqlite":
        return _connect_to_sqlite(url, wait_s)
    # Imported here, for it loads the driver, which SQLite does not need.
    from lib.store.postgresql import connect_to_postgresql  # noqa: PLC0415

    return connect_to_postgresql(url, wait_s, reads_option=_READS)


def _connect_to_sqlite(url: URL, wait_s: float) -> Engine:
    file = _find_sqlite_file(url)
    if file:
        file.parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, poolclass=ReportingPool if file else None, connect_args={"timeout": wait_s})
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def find_sqlite_file(database_url: str) -> Path | None:
    """Return the file of an SQLite database; None for a database in memory and for any other database."""
    try:
        return _find_sqlite_file(make_url(database_url))
    except ArgumentError as error:
        raise InvalidSettings(f"The database of {_SETTINGS} cannot be opened: {error}") from error


def _find_sqlite_file(url: URL) -> Path | None:
    is_file = url.get_backend_name() == "sqlite" and url.database not in {None, "", ":memory:"}
    return Path(url.database or "") if is_file else None


def reading(engine: Engine) -> Engine:
    """Return the engine for transactions that only read: in SQLite they do not wait for writers."""
    return engine.execution_options(**{_READS: True})


def snapshot(engine: Engine) -> Engine:
    """Return the engine for transactions that read all tables as they were at one moment. Nobody waits for them."""
    if engine.dialect.name == "sqlite":
        return reading(engine)
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def upsert(
    connection: Connection, table: Table, row: Mapping[str, Any], *, key: Sequence[str], replace_where: Any = None
) -> bool:
    """Insert a row; if `key` exists, replace the row where `replace_where` holds (None: never).

    Return whether a row was written.
    """
    insert = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert
    statement = insert(table).values(**row)
    if replace_where is None:
        statement = statement.on_conflict_do_nothing(index_elements=key)
    else:
        changed = {name: value for name, value in row.items() if name not in key}
        statement = statement.on_conflict_do_update(index_elements=key, set_=changed, where=replace_where)
    # Without this option PostgreSQL's driver does not report how many rows an INSERT wrote.
    return connection.execute(statement, execution_options={"preserve_rowcount": True}).rowcount > 0


def _set_up_sqlite(connection: Any, _: Any) -> None:
    # SQLAlchemy begins transactions here, not the driver: see _begin_sqlite.
    connection.isolation_level = None
    _use_wal(connection)
    # In WAL mode a crash of the app loses nothing; a crash of the machine may lose the latest predictions.
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")
    # Filters read cells in random order: with the default of 2 MB the index of a large session is read repeatedly.
    connection.execute(f"PRAGMA cache_size = -{_CACHE_KB}")
    # The built-in function knows only ASCII letters: a search for "äpfel" would not find "Äpfel".
    connection.create_function("lower", 1, _lower, deterministic=True)


def _lower(words: str | None) -> str | None:
    return words if words is None else words.lower()


def _use_wal(connection: Any) -> None:
    # SQLite does not wait for other processes in this statement: of two processes that create a database at the
    # same time, the second would fail.
    until_s = time.monotonic() + _WAIT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            is_busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            if not is_busy or time.monotonic() > until_s:
                raise
            time.sleep(0.01)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads and then writes fails if another one wrote in between: take the write lock at the
    # beginning, where SQLite waits for it.
    reads = connection.get_execution_options().get(_READS, False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _migrate(engine: Engine) -> Engine:
    with reading(engine).begin() as connection:
        if _revision(connection) == HEAD:
            return engine
    with engine.begin() as connection:
        upgrade(connection)
    return engine


def upgrade(connection: Connection, revision: str = HEAD) -> None:
    """Run all migrations up to this one. Raises InvalidSettings if a newer release created the database."""
    # Imported here: it takes longer than the rest of opening, and is needed once per release.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    if connection.dialect.name == "postgresql":
        from lib.store.postgresql import lift_time_limits  # noqa: PLC0415

        # If two processes start at once, one migrates and the other waits.
        lift_time_limits(connection)
        connection.execute(text("SELECT pg_advisory_xact_lock(8501)"))
    try:
        command.upgrade(config, revision)
    except CommandError as error:
        raise InvalidSettings(
            f"A newer release created the database of {_SETTINGS}. Start that release, or set another database."
        ) from error


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
