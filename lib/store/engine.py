"""Opens the database, and brings its tables up to date."""

import sqlite3
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, inspect, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DatabaseError

from lib.errors import InvalidSettings

HEAD = "0012"
"""The newest migration: what an up-to-date database says of itself."""

_MIGRATIONS = Path(__file__).parent / "migrations"
_SETTINGS = "SECOND_LOOK_DATABASE_URL or SECOND_LOOK_DATA_DIR"
_BACKENDS = ("sqlite", "postgresql")
_BUSY_S = 30
_CACHE_KB = 32 * 1024
_READS = "second_look_reads"


def open_engine(database_url: str) -> Engine:
    """Engine of an up-to-date database; makes it, and the folder of an SQLite file, where there is none.

    Raises InvalidSettings where there can be no such database.
    """
    try:
        return _open_engine(make_url(database_url))
    except (ArgumentError, DatabaseError, ImportError, OSError, ValueError) as error:
        reason = str(error.orig if isinstance(error, DatabaseError) else error).partition("\n")[0]
        raise InvalidSettings(f"The database of {_SETTINGS} cannot be opened: {reason}") from error


def _open_engine(url: URL) -> Engine:
    backend = url.get_backend_name()
    if backend not in _BACKENDS:
        raise ArgumentError(f"{backend} is neither sqlite nor postgresql")
    if backend == "postgresql":
        return _migrate(create_engine(url))
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": _BUSY_S})
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return _migrate(engine)


def find_sqlite_file(database_url: str) -> Path | None:
    """Return the file of an SQLite database; None for one in memory, and for any other database."""
    try:
        url = make_url(database_url)
    except ArgumentError as error:
        raise InvalidSettings(f"The database of {_SETTINGS} cannot be opened: {error}") from error
    is_file = url.get_backend_name() == "sqlite" and url.database not in {None, "", ":memory:"}
    return Path(url.database or "") if is_file else None


def reading(engine: Engine) -> Engine:
    """The same database, for transactions that only read: in SQLite they need not wait for those that write."""
    return engine.execution_options(**{_READS: True})


def upsert(
    connection: Connection, table: Table, row: Mapping[str, Any], *, key: Sequence[str], replace_where: Any = None
) -> bool:
    """Insert a row; where `key` exists, replace it if `replace_where` holds (None: keep it). Gives whether it wrote."""
    insert = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert
    statement = insert(table).values(**row)
    if replace_where is None:
        statement = statement.on_conflict_do_nothing(index_elements=key)
    else:
        changed = {name: value for name, value in row.items() if name not in key}
        statement = statement.on_conflict_do_update(index_elements=key, set_=changed, where=replace_where)
    # Without the option PostgreSQL's driver does not say how many rows an INSERT wrote.
    return connection.execute(statement, execution_options={"preserve_rowcount": True}).rowcount > 0


def _set_up_sqlite(connection: Any, _: Any) -> None:
    # SQLAlchemy begins transactions here, not the driver: see _begin_sqlite.
    connection.isolation_level = None
    _use_wal(connection)
    # In WAL mode a crash of the app loses nothing with this; only a crash of the machine may lose the last answers.
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")
    # Filters look up answers in no order: with SQLite's own 2 MB the index of a big session is read again and again.
    connection.execute(f"PRAGMA cache_size = -{_CACHE_KB}")
    # SQLite's own knows no letters but those of ASCII: nobody would find "Äpfel" by "äpfel".
    connection.create_function("lower", 1, _lower, deterministic=True)


def _lower(words: str | None) -> str | None:
    return words if words is None else words.lower()


def _use_wal(connection: Any) -> None:
    # The one statement in which SQLite does not wait for others: of two processes that make a database at the same
    # time, the second would fail.
    until_s = time.monotonic() + _BUSY_S
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
    # A transaction that reads first and then writes fails at once when another has written in between: take the
    # right to write at the beginning, where SQLite waits for it.
    reads = connection.get_execution_options().get(_READS, False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _migrate(engine: Engine) -> Engine:
    with reading(engine).begin() as connection:
        if _revision(connection) == HEAD:
            return engine
    # Imported here: it takes longer than all the rest of opening, and is needed once a release.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            # Of two processes that start at once, one migrates and the other waits.
            connection.execute(text("SELECT pg_advisory_xact_lock(8501)"))
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise InvalidSettings(
                f"The database of {_SETTINGS} was made by a newer release. Start that one, or name another database."
            ) from error
    return engine


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
