"""The audit log: who did what to which session, in a chain of hashes that shows tampering.

Each entry contains the hash of the previous entry, and its own SHA-256 over that hash and all other fields. Changed,
deleted, inserted and reordered entries break the chain. Deleting the latest entries leaves a shorter valid chain;
recomputing all hashes makes another valid chain: both show only against a head (number and hash) that was saved
elsewhere before. An empty log looks like one that was emptied. Counts of repeated denials are outside the chain until
they are recorded as an entry: tampering with them before that does not show.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from lib.domain.permissions import Action

NO_HASH = "0" * 64
"""The previous hash of the first entry."""


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """An action and its time in UTC. `actor` is empty for people without a name, `session_id` without a session."""

    at: datetime
    actor: str
    action: Action
    session_id: str = ""
    details: str = ""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """A row of the log exactly as stored: every field may have been tampered with.

    `at` is a time in ISO 8601, `action` the name of an Action.
    """

    number: int
    at: str
    actor: str
    action: str
    session_id: str
    details: str
    previous_hash: str
    hash: str

    @property
    def description(self) -> str:
        """The action as text; its name if this release does not know the action."""
        return Action[self.action].value if self.action in Action.__members__ else self.action

    @property
    def head(self) -> str:
        """Number and hash. Saved elsewhere, they allow to verify the log up to this entry."""
        return f"{self.number}:{self.hash}"


@dataclass(frozen=True, slots=True)
class Repeats:
    """Repeated denials of one action to one actor after the recorded one: `count` until `last_at`, in UTC."""

    actor: str
    action: str
    session_id: str
    count: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class ChainBreak:
    """The first entry that was tampered with, and how that shows."""

    number: int
    reason: str


def append_entry(previous: AuditEntry | None, event: AuditEvent) -> AuditEntry:
    """Return the entry that follows `previous` (None: the first entry). Texts of the event are not changed."""
    number, previous_hash = (previous.number + 1, previous.hash) if previous else (1, NO_HASH)
    at = event.at.astimezone(UTC).isoformat(timespec="microseconds")
    fields = (number, at, event.actor, event.action.name, event.session_id, event.details, previous_hash)
    return AuditEntry(*fields, hash=compute_hash(AuditEntry(*fields, hash="")))


def compute_hash(entry: AuditEntry) -> str:
    """Return the SHA-256 of all other fields of the entry, as hexadecimal digits.

    The hash is over JSON in ASCII without spaces, with names in alphabetical order: action, actor, at, details, number,
    previous_hash, session_id.
    """
    names = ("action", "actor", "at", "details", "number", "previous_hash", "session_id")
    fields = {name: getattr(entry, name) for name in names}
    return hashlib.sha256(json.dumps(fields, separators=(",", ":"), sort_keys=True).encode("ascii")).hexdigest()


def find_chain_break(entries: Iterable[AuditEntry], head: tuple[int, str] | None = None) -> ChainBreak | None:
    """Return the first fault of a whole log, oldest entry first; None for a valid log.

    `head` is the number and hash of the latest entry at an earlier time.
    """
    number, previous_hash = 0, NO_HASH
    for entry in entries:
        number += 1
        if entry.number != number:
            return ChainBreak(number, f"entry {number} is missing: entry {entry.number} stands in its place")
        if entry.previous_hash != previous_hash:
            return ChainBreak(number, "it does not follow the entry before it")
        if entry.hash != compute_hash(entry):
            return ChainBreak(number, "it was changed after it was written")
        if head and head[0] == number and head[1] != entry.hash:
            return ChainBreak(number, "its hash is not the one that you saved")
        previous_hash = entry.hash
    if head and head[0] > number:
        return ChainBreak(number + 1, f"entries {number + 1} to {head[0]} were there when you saved the head")
    return None
