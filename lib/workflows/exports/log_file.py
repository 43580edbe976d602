"""Export the audit log as CSV."""

from collections.abc import Iterator

from lib.domain.audit import AuditEntry
from lib.domain.people import Actor
from lib.domain.permissions import Action
from lib.store import Store
from lib.workflows.authorization import authorize, record_event
from lib.workflows.exports.csv_file import BYTE_ORDER_MARK, write_line

_COLUMNS = ("number", "at", "actor", "action", "description", "session", "details", "previous_hash", "hash")
_AT_A_TIME = 1000


def export_log(store: Store, actor: Actor) -> Iterator[bytes]:
    """Record the export, and return the file in pieces. Raises RoleMissing at once."""
    authorize(store, actor, Action.EXPORT_LOG)
    record_event(store, actor, Action.EXPORT_LOG)
    return write_log(store)


def write_log(store: Store) -> Iterator[bytes]:
    """Yield the file in pieces, newest entry first, in the CSV format of session exports."""
    yield BYTE_ORDER_MARK + write_line(_COLUMNS)
    # By number, because entries may be added in the meantime.
    before = None
    while entries := store.audit.find(limit=_AT_A_TIME, before=before):
        yield b"".join(write_line(_cells(entry)) for entry in entries)
        before = entries[-1].number


def _cells(entry: AuditEntry) -> list[str | int | float]:
    event = [entry.at, entry.actor, entry.action, entry.description, entry.session_id, entry.details]
    return [entry.number, *event, entry.previous_hash, entry.hash]
