"""The audit log. Entries are added and never changed; they outlive the sessions that they are about.

A denial is recorded at once. Repeats within an hour are counted in a table of their own; the next event after that
hour records the count as one entry. So nobody can fill the log by clicking, and the count survives a restart.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, insert, or_, select, text, update
from sqlalchemy.exc import DatabaseError

from lib.domain.audit import AuditEntry, AuditEvent, ChainBreak, Repeats, append_entry, find_chain_break
from lib.domain.permissions import Action
from lib.errors import StorageUnavailable
from lib.store.columns import storable
from lib.store.database import AnyRow, Repository
from lib.store.engine import upsert
from lib.store.people_tables import audit_events, audit_refusals, recorded_sign_ins

MERGED_FOR = timedelta(hours=1)
"""Repeats of a denial within this time become one entry."""

_LOCK = 8502
_LONGEST_NAME, _LONGEST_ID, _LONGEST_DETAILS = 320, 64, 1000


class AuditLog(Repository):
    """The chain of entries. Several processes may append at once."""

    def record(self, event: AuditEvent) -> None:
        """Append an entry. Names are shortened to 320 characters, details to 1,000."""
        with self._appending() as connection:
            self._close_refusals(connection, event.at)
            _append(connection, event)

    def record_denial(self, event: AuditEvent) -> None:
        """Record that `event.action` was denied; repeats within the hour are only counted."""
        with self._appending() as connection:
            self._close_refusals(connection, event.at)
            stored = _bounded(event)
            first = {
                "actor": stored.actor,
                "action": stored.action.name,
                "session_id": stored.session_id,
                "first_at": stored.at,
                "last_at": stored.at,
                "repeats": 0,
            }
            if upsert(connection, audit_refusals, first, key=["actor", "action"]):
                details = f"{stored.action.value}: {stored.details}" if stored.details else stored.action.value
                _append(connection, replace(stored, action=Action.REFUSED, details=details))
            else:
                its = (audit_refusals.c.actor == stored.actor, audit_refusals.c.action == stored.action.name)
                counted = {"repeats": audit_refusals.c.repeats + 1, "last_at": stored.at}
                connection.execute(update(audit_refusals).where(*its).values(counted))

    def record_sign_in(self, sign_in: str, event: AuditEvent) -> bool:
        """Record the event unless this sign-in is recorded already. Return whether it was recorded now."""
        with self._appending() as connection:
            row = {"sign_in": sign_in, "at": event.at}
            is_new = upsert(connection, recorded_sign_ins, row, key=["sign_in"])
            if is_new:
                _append(connection, event)
            return is_new

    def find(self, offset: int = 0, limit: int = 50, before: int | None = None) -> list[AuditEntry]:
        """Return entries, newest first; if `before` is given, only entries with a lower number."""
        statement = select(audit_events).order_by(audit_events.c.number.desc()).offset(offset).limit(limit)
        its = () if before is None else (audit_events.c.number < before,)
        return [_entry(row) for row in self._database.find(statement.where(*its))]

    def find_repeats(self) -> list[Repeats]:
        """Return the denials whose repeats are still being counted, newest first."""
        its = audit_refusals.c
        counted = select(its.actor, its.action, its.session_id, its.repeats, its.last_at).where(its.repeats > 0)
        return [Repeats(*row) for row in self._database.find(counted.order_by(its.last_at.desc()))]

    def count(self) -> int:
        """Return the number of entries."""
        return self._database.count(select(func.count()).select_from(audit_events))

    def verify(self, head: tuple[int, str] | None = None) -> ChainBreak | None:
        """Read the whole log and return the first entry that was tampered with; see `find_chain_break`."""
        # Without a commit, which fails if a page of SQLite's file is corrupt.
        with self._database.reading.connect() as connection:
            return find_chain_break(_read_entries(connection), head)

    @contextmanager
    def _appending(self) -> Iterator[Connection]:
        # Two writers that read the same latest entry would both follow it. SQLite has one writer at a time; in
        # PostgreSQL a writer that waited for the lock must see what was committed meanwhile.
        engine, is_postgresql = self._database.engine, self._database.engine.dialect.name == "postgresql"
        if is_postgresql:
            engine = engine.execution_options(isolation_level="READ COMMITTED")
        with engine.begin() as connection:
            if is_postgresql:
                connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
            yield connection

    def _close_refusals(self, connection: Connection, now: datetime) -> None:
        # Also denials in the future: the clock may have been set back.
        first_at = audit_refusals.c.first_at
        is_over = or_(first_at <= now - MERGED_FOR, first_at >= now + MERGED_FOR)
        for row in connection.execute(select(audit_refusals).where(is_over)).all():
            if row.repeats:
                _append(connection, _repeated(row, now))
        connection.execute(delete(audit_refusals).where(is_over))


def _repeated(row: AnyRow, now: datetime) -> AuditEvent:
    action = Action.__members__.get(row.action)
    times = "once more" if row.repeats == 1 else f"{row.repeats:,} more times"
    details = f"{action.value if action else row.action}: {times}, last at {row.last_at:%Y-%m-%d %H:%M:%S} UTC"
    return AuditEvent(now, row.actor, Action.REFUSED, row.session_id, details)


def _append(connection: Connection, event: AuditEvent) -> None:
    latest = connection.execute(_LATEST).first()
    entry = append_entry(_entry(latest) if latest else None, _bounded(event))
    connection.execute(insert(audit_events).values(asdict(entry)))


def _bounded(event: AuditEvent) -> AuditEvent:
    """Return the event as it is stored: the hash must cover what the database returns."""
    return replace(
        event,
        actor=_shorten(event.actor, _LONGEST_NAME),
        session_id=_shorten(event.session_id, _LONGEST_ID),
        details=_shorten(event.details, _LONGEST_DETAILS),
    )


def _shorten(details: str, longest: int) -> str:
    kept = storable(details)
    return kept if len(kept) <= longest else f"{kept[: longest - 1]}…"


def _read_entries(connection: Connection) -> Iterator[AuditEntry]:
    # Row by row in SQLite, where a text column may hold other bytes: so that the bad row is known.
    at_a_time = 1 if connection.dialect.name == "sqlite" else 1000
    in_order = select(audit_events).order_by(audit_events.c.number)
    number = 0
    try:
        for row in connection.execution_options(yield_per=at_a_time).execute(in_order):
            entry = _entry(row)
            number = entry.number
            yield entry
    except DatabaseError:
        yield AuditEntry(number + 1, *_UNREADABLE)
    except StorageUnavailable as error:
        if error.is_retryable:
            raise
        yield AuditEntry(number + 1, *_UNREADABLE)


def _entry(row: Any) -> AuditEntry:
    # Tampering with SQLite can put any type into any column.
    number, *texts = row
    return AuditEntry(number, *(text_ if isinstance(text_, str) else repr(text_) for text_ in texts))


_UNREADABLE = ("",) * 7
_LATEST = select(audit_events).order_by(audit_events.c.number.desc()).limit(1)
