"""Checks that the database can be read and written now. They are for health checks, and change nothing."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, NullPool, create_engine, literal, select, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from lib.errors import NotReady
from lib.store.engine import HEAD, find_sqlite_file
from lib.store.tables import METADATA

_WITHIN_S = 1
_UNREADABLE = "cannot be read"
_SQLITE_HEADER = b"SQLite format 3\0"
_REVISION = text("SELECT version_num FROM alembic_version")
# A row that exists, with the value that it has: a real write, for which no table has to be made.
_WRITE = text("UPDATE alembic_version SET version_num = version_num")


class DatabaseCheck:
    """Reads from each table and writes to one, in connections of its own.

    A connection that is in use would still reach an SQLite file that was deleted, and holds pages that it read before
    the file was damaged.
    """

    def __init__(self, engine: Engine) -> None:
        url = engine.url
        self._file = find_sqlite_file(url.render_as_string(hide_password=False))
        self._inode = self._file.stat().st_ino if self._file else None
        self._descriptor: int | None = None
        if self._file:
            # Without this mode, SQLite would create a missing file.
            url = url.set(database=f"file:{quote(str(self._file))}", query={"mode": "rw", "uri": "true"})
            options: dict[str, Any] = {"timeout": _WITHIN_S}
        else:
            options = {"connect_timeout": _WITHIN_S, "tcp_user_timeout": 1000 * _WITHIN_S}
        self._engine = create_engine(url, poolclass=NullPool, connect_args=options)

    def check_content(self) -> None:
        """Raise NotReady if the database cannot be read or written.

        A database that is busy for another writer is in order.
        """
        if self._file:
            self._check_file(self._file)
        with self._connect(_UNREADABLE) as connection:
            for table in METADATA.sorted_tables:
                connection.execute(select(literal(1)).select_from(table).limit(1)).all()
        try:
            with self._connect("cannot be written") as connection:
                connection.execute(_WRITE)
        except NotReady as failure:
            if not _is_busy(failure.__cause__):
                raise

    def check_migrations(self) -> None:
        """Raise NotReady if the tables are those of another release."""
        with self._connect(_UNREADABLE) as connection:
            revision = connection.execute(_REVISION).scalar()
        if revision != HEAD:
            raise NotReady("are those of another release")

    @contextmanager
    def _connect(self, failure: str) -> Iterator[Connection]:
        try:
            with self._engine.begin() as connection:
                if not self._file:
                    connection.execute(text(f"SET LOCAL statement_timeout = '{_WITHIN_S}s'"))
                yield connection
        except SQLAlchemyError as error:
            raise NotReady(failure) from error

    def _check_file(self, file: Path) -> None:
        try:
            is_same = file.stat().st_ino == self._inode
            begins_well = os.pread(self._open_file(file), len(_SQLITE_HEADER), 0) == _SQLITE_HEADER
        except OSError as error:
            raise NotReady(_UNREADABLE) from error
        if not is_same:
            raise NotReady("was replaced: restart the server")
        if not begins_well:
            raise NotReady("is damaged")

    def _open_file(self, file: Path) -> int:
        # Never closed: that would release all locks that this process has on the file, and another process could then
        # delete the log to which SQLite writes. Source: https://www.sqlite.org/howtocorrupt.html, section 2.2.
        if self._descriptor is None:
            self._descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
        return self._descriptor


def _is_busy(error: BaseException | None) -> bool:
    reason = error.orig if isinstance(error, DBAPIError) else None
    return isinstance(reason, sqlite3.OperationalError) and reason.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
