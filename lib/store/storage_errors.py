"""Translates errors of the database, and of the place where images are stored, to StorageUnavailable."""

import errno
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from sqlalchemy import Engine, QueuePool, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as NoFreeConnection
from sqlalchemy.pool import PoolProxiedConnection

from lib.errors import StorageUnavailable

_LOG = logging.getLogger(__name__)
_LATER = "Try again in a minute. If this happens again, tell your administrator."
_SPACE = "Ask your administrator to free space, then try again."
_TELL = "Tell your administrator. The server log has the reason."


class _Cause(NamedTuple):
    """Why the storage does not work. It is retryable if the same call may succeed later."""

    sentence: str
    is_retryable: bool = False

    def report(self, error: BaseException | str) -> StorageUnavailable:
        """Log the reason for administrators, and return the error for people."""
        reason = str(error).partition("\n")[0] or type(error).__name__
        _LOG.warning("%s Reason: %s", self.sentence, reason)
        return StorageUnavailable(self.sentence, is_retryable=self.is_retryable)


_UNREACHABLE = _Cause(f"The database cannot be reached. {_LATER}", is_retryable=True)
_BUSY = _Cause(f"The database is busy. {_LATER}", is_retryable=True)
_TOO_SLOW = _Cause(f"The database did not finish in time. {_LATER}", is_retryable=True)
_FULL = _Cause(f"The database has no disk space left. {_SPACE}", is_retryable=True)
_FAILED = _Cause(f"The database cannot read or write its files. {_LATER}", is_retryable=True)
_READ_ONLY = _Cause(f"The database is read-only. {_TELL}")
_DAMAGED = _Cause(f"The database is damaged. {_TELL}")

REPLACED = _Cause(f"The database file was deleted or replaced while the app was running. {_TELL}")
"""The file of an SQLite database is not the one that was opened."""

# By the first byte of SQLite's error codes.
_OF_SQLITE = {
    sqlite3.SQLITE_PERM: _READ_ONLY,
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_LOCKED: _BUSY,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_IOERR: _FAILED,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_CANTOPEN: _FAILED,
    sqlite3.SQLITE_PROTOCOL: _BUSY,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
}
# By codes of PostgreSQL, or the beginnings of them: https://www.postgresql.org/docs/current/errcodes-appendix.html
_OF_POSTGRESQL = {
    "08": _UNREACHABLE,
    "25006": _READ_ONLY,
    "40001": _BUSY,
    "40P01": _BUSY,
    "53100": _FULL,
    "53": _BUSY,
    "55P03": _BUSY,
    "57014": _TOO_SLOW,
    "57P": _UNREACHABLE,
    "58": _FAILED,
    "XX001": _DAMAGED,
    "XX002": _DAMAGED,
}

_IMAGES_FULL = _Cause(f"There is no space left to store images. {_SPACE}", is_retryable=True)
_IMAGES_REFUSED = _Cause(f"The app has no permission for the place where images are stored. {_TELL}")
_IMAGES_MISSING = _Cause(f"The place where images are stored is missing. {_TELL}")
_IMAGES_UNREACHABLE = _Cause(f"The place where images are stored does not work. {_LATER}", is_retryable=True)

_OF_FILES = {
    errno.ENOSPC: _IMAGES_FULL,
    errno.EDQUOT: _IMAGES_FULL,
    errno.EROFS: _IMAGES_REFUSED,
    errno.EACCES: _IMAGES_REFUSED,
    errno.EPERM: _IMAGES_REFUSED,
    errno.ENOENT: _IMAGES_MISSING,
}


class ReportingPool(QueuePool):
    """Connections that are used again. Raises StorageUnavailable if none becomes free in time."""

    def connect(self) -> PoolProxiedConnection:  # noqa: D102 - as its base
        try:
            return super().connect()
        except NoFreeConnection as error:
            raise _BUSY.report(error) from error


def translate_database_errors(engine: Engine) -> None:
    """From now on, raise StorageUnavailable where the engine's database does not work. Other errors stay."""
    event.listen(engine, "handle_error", _translate_database_error)


def _translate_database_error(context: ExceptionContext) -> StorageUnavailable | None:
    # SQLAlchemy needs the error of a ping itself, to connect again.
    if context.is_pre_ping or not isinstance(context.sqlalchemy_exception, DBAPIError):
        return None
    cause = _find_cause(context.sqlalchemy_exception)
    return cause.report(context.original_exception) if cause else None


def _find_cause(error: DBAPIError) -> _Cause | None:
    if isinstance(error.orig, sqlite3.Error):
        return _OF_SQLITE.get(getattr(error.orig, "sqlite_errorcode", 0) & 0xFF)
    code = getattr(error.orig, "sqlstate", None)
    if code is None:
        # Without a code the error is not the server's: there is no connection, or it was lost.
        return _UNREACHABLE if isinstance(error, OperationalError) else None
    return next((_OF_POSTGRESQL[code[:length]] for length in (5, 3, 2) if code[:length] in _OF_POSTGRESQL), None)


@contextmanager
def translated_image_errors() -> Iterator[None]:
    """Raise StorageUnavailable for every error: each file system of fsspec has its own."""
    try:
        yield
    except StorageUnavailable:
        raise
    except Exception as error:
        raise _find_cause_of_files(error).report(error) from error


def _find_cause_of_files(error: Exception) -> _Cause:
    if isinstance(error, PermissionError):
        return _IMAGES_REFUSED
    if isinstance(error, FileNotFoundError):
        return _IMAGES_MISSING
    return _OF_FILES.get(getattr(error, "errno", None) or 0, _IMAGES_UNREACHABLE)
