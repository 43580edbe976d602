"""Counts and times the statements of a database."""

import time
from typing import Any

from sqlalchemy import Connection, Engine, ExceptionContext, event

from lib.telemetry.metrics import count_database_error, count_statement


def time_statements(engine: Engine) -> None:
    """Count all statements of the engine, with the time until the database executed them, and those that fail."""
    event.listen(engine, "before_cursor_execute", _start)
    event.listen(engine, "after_cursor_execute", _end)
    event.listen(engine, "handle_error", _count_error)


def _start(connection: Connection, _cursor: Any, _sql: str, _values: Any, _context: Any, _many: bool) -> None:
    connection.info["started_s"] = time.perf_counter()


def _end(connection: Connection, _cursor: Any, sql: str, _values: Any, _context: Any, _many: bool) -> None:
    count_statement(sql, duration_s=time.perf_counter() - connection.info["started_s"])


def _count_error(context: ExceptionContext) -> None:
    # A ping only finds out that a connection must be opened again.
    if not context.is_pre_ping:
        count_database_error()
