"""Connections to PostgreSQL that end in time, whatever the network does.

A proxy or firewall may drop a connection without telling: everything that waits has a bound.
"""

from typing import Any

import psycopg
from psycopg.abc import RV, PQGen
from sqlalchemy import URL, Connection, Engine, PoolProxiedConnection, create_engine, event, text

from lib.store.storage_errors import ReportingPool

_CONNECT_S = 5
_POOL_SIZE = 10
# The server stops a statement first and says why. If its answer does not arrive either, the app stops waiting.
_GRACE_S = 5
# The server ends transactions of an app that is gone. A download of the audit log may pause for as long.
_FORGOTTEN_AFTER = "10min"
# Writers hold locks, for which others wait, and never pause.
_FORGET_WRITER = "SET LOCAL idle_in_transaction_session_timeout = '15s'"
_KEEPALIVE = {"keepalives": 1, "keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}


class _BoundedConnection(psycopg.Connection[Any]):
    """A connection that closes itself if the server does not answer. TCP alone takes a silent proxy for a slow one."""

    answer_within_s: float | None = None

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        try:
            return super().wait(gen, interval, timeout or self.answer_within_s)
        except psycopg.OperationalError as error:
            if error.sqlstate is None:  # not the server's answer
                self.close()
            raise


def connect_to_postgresql(url: URL, answer_within_s: float, *, reads_option: str) -> Engine:
    """Return an engine whose transactions wait so long for the server's answer. Parameters of the URL go first.

    `reads_option` is the execution option of transactions that only read.
    """
    options = f"-c statement_timeout={answer_within_s * 1000:.0f}"
    defaults = {
        **_KEEPALIVE,
        "connect_timeout": _CONNECT_S,
        "tcp_user_timeout": round(answer_within_s * 1000),
        "options": f"{options} -c idle_in_transaction_session_timeout={_FORGOTTEN_AFTER}",
    }
    engine = create_engine(
        url,
        poolclass=ReportingPool,
        pool_size=_POOL_SIZE,
        max_overflow=_POOL_SIZE,
        pool_timeout=answer_within_s,
        pool_pre_ping=True,
        connect_args={name: value for name, value in defaults.items() if name not in url.query},
    )
    _bound(engine, answer_within_s, reads_option)
    return engine


def _bound(engine: Engine, answer_within_s: float, reads_option: str) -> None:
    quick_s = min(_CONNECT_S, answer_within_s)

    def connect(_: Any, __: Any, cargs: list[Any], cparams: dict[str, Any]) -> _BoundedConnection:
        connection = _BoundedConnection.connect(*cargs, **cparams)
        connection.answer_within_s = quick_s
        return connection

    def expect_statements(connection: Connection) -> None:
        _raw(connection.connection).answer_within_s = answer_within_s + min(_GRACE_S, answer_within_s)
        if not connection.get_execution_options().get(reads_option):
            connection.exec_driver_sql(_FORGET_WRITER)

    def expect_ping(connection: Any, _: Any) -> None:
        if connection is not None:  # it was lost
            connection.answer_within_s = quick_s

    event.listen(engine, "do_connect", connect)
    event.listen(engine, "begin", expect_statements)
    event.listen(engine, "checkin", expect_ping)


def lift_time_limits(connection: Connection) -> None:
    """Let the statements of this transaction take as long as they need, as a migration may."""
    _raw(connection.connection).answer_within_s = None
    connection.execute(text("SET LOCAL statement_timeout = 0"))
    connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))


def _raw(connection: PoolProxiedConnection) -> Any:
    return connection.dbapi_connection
