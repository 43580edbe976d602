"""Rows of tables as lines of JSON, the same for SQLite and PostgreSQL: bytes in Base64, times in ISO 8601 in UTC."""

import base64
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice
from typing import Any, TypeAlias

from sqlalchemy import Connection, Table, TypeDecorator, insert, select, type_coerce
from sqlalchemy.types import DateTime, LargeBinary, TypeEngine

from lib.errors import UnusableBackup

_AT_ONCE = 500
_Read: TypeAlias = Callable[[Any], Any]


def find_pieces(connection: Connection, table: Table, *, empty: bool = False) -> Iterator[bytes]:
    """Return the names of the columns as a line and, unless `empty`, the rows in pieces of many lines each."""
    yield _format_line(table.columns.keys())
    if empty:
        return
    # As the database has them: what the app makes of a value is no matter here.
    columns = [type_coerce(column, _plain(column.type)) for column in table.columns]
    rows = connection.execute(select(*columns), execution_options={"yield_per": _AT_ONCE})
    for some in rows.partitions():
        yield b"".join(_format_line(tuple(row)) for row in some)


def load_lines(connection: Connection, table: Table, lines: Iterator[bytes]) -> None:
    """Insert the rows that `find_pieces` returned, a line at a time. Raises UnusableBackup if they do not fit."""
    try:
        readers = {name: _find_reader(table.columns[name].type) for name in _parse_line(next(lines))}
        if readers.keys() != set(table.columns.keys()):
            raise KeyError("columns are missing")
        rows = (_read_row(readers, line) for line in lines)
        while some := list(islice(rows, _AT_ONCE)):
            connection.execute(insert(table), some)
    except (ValueError, TypeError, KeyError, StopIteration, RecursionError) as error:
        raise UnusableBackup(f"The backup is damaged: table {table.name} does not fit its schema.") from error


def _plain(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    return kind.impl_instance if isinstance(kind, TypeDecorator) else kind


def _format_line(values: Iterable[Any]) -> bytes:
    return json.dumps(list(values), default=_format_value, separators=(",", ":")).encode() + b"\n"


def _format_value(value: Any) -> str:
    if isinstance(value, datetime):
        # SQLite drops the time zone.
        return (value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()
    return base64.b64encode(value).decode("ascii")


def _parse_line(line: bytes) -> list[Any]:
    values = json.loads(line)
    if not isinstance(values, list):
        raise TypeError("a line is no list")
    return values


def _read_row(readers: Mapping[str, _Read], line: bytes) -> dict[str, Any]:
    columns = zip(readers.items(), _parse_line(line), strict=True)
    return {name: None if value is None else read(value) for (name, read), value in columns}


def _find_reader(kind: TypeEngine[Any]) -> _Read:
    if isinstance(kind, DateTime):
        return datetime.fromisoformat
    return base64.b64decode if isinstance(kind, LargeBinary) else _as_it_is


def _as_it_is(value: Any) -> Any:
    return value
