"""The audit log: who did what to which session, in a chain of hashes that shows tampering.

Each entry holds the hash of the entry before it and its own SHA-256 over that hash and all it says. Changed, deleted,
inserted and reordered entries break the chain. Deleting the latest entries leaves a shorter chain that is whole, and so
does writing all hashes anew: both show only against a head (number and hash) that was saved elsewhere before. An empty
log cannot be told from one that was emptied. Counts of repeated refusals lie outside the chain until they are recorded
as an entry: tampering with them before does not show.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum

from lib.domain.people import Role

NO_HASH = "0" * 64
"""What the first entry has in place of the hash of one before it."""


class Action(Enum):
    """What is recorded; the log stores the names, and shows the values. Some are recorded only where they are refused:
    opening a page, and uploading a file.
    """

    SIGN_IN = "Signed in"
    SIGN_OUT = "Signed out"
    REFUSED = "Was refused"
    CREATE_SESSION = "Created session"
    RENAME_SESSION = "Renamed session"
    ARCHIVE_SESSION = "Archived session"
    RESTORE_SESSION = "Restored session"
    DELETE_SESSION = "Deleted session"
    DISMISS_FILE_ERRORS = "Dismissed file errors"
    PREDICT = "Started predictions"
    PROBE = "Started probe"
    STOP = "Stopped job"
    ANNOTATE = "Annotated image"
    UNDO_ANNOTATION = "Undid annotation"
    SET_TRUE_LABEL = "Set true label"
    CLEAR_TRUE_LABEL = "Cleared true label"
    CHANGE_REVIEW = "Changed review settings"
    SIGN_OFF = "Signed off review"
    REOPEN = "Reopened review"
    CREATE_LINK = "Created link"
    REVOKE_LINK = "Revoked link"
    CREATE_TOKEN = "Created token"  # noqa: S105 - a sentence, no password
    REVOKE_TOKEN = "Revoked token"  # noqa: S105
    EXPORT = "Started export"
    DOWNLOAD = "Downloaded export"
    EXPORT_LOG = "Exported audit log"
    OPEN_REVIEWER_PAGE = "Opened page for reviewers"
    OPEN_ADMIN_PAGE = "Opened page for admins"
    UPLOAD_FILE = "Uploaded file"
    UPLOAD_MODEL = "Uploaded model"
    DEPLOY = "Started deployment"
    UNDEPLOY = "Started undeployment"


_OF_VIEWERS = {Action.SIGN_IN, Action.SIGN_OUT, Action.REFUSED, Action.EXPORT, Action.DOWNLOAD}
_OF_ADMINS = {
    Action.DELETE_SESSION,
    Action.UPLOAD_MODEL,
    Action.DEPLOY,
    Action.UNDEPLOY,
    Action.EXPORT_LOG,
    Action.OPEN_ADMIN_PAGE,
}


def required_role(action: Action) -> Role:
    """Return the lowest role that may do this."""
    if action in _OF_VIEWERS:
        return Role.VIEWER
    return Role.ADMIN if action in _OF_ADMINS else Role.REVIEWER


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """Something that was done. `at` is in UTC; `actor` is empty for somebody without a name, `session_id` where no
    session is concerned.
    """

    at: datetime
    actor: str
    action: Action
    session_id: str = ""
    details: str = ""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """A row of the log, exactly as it is stored: somebody may have tampered with any part of it.

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
        """The action in words; its bare name where this release knows none."""
        return Action[self.action].value if self.action in Action.__members__ else self.action

    @property
    def head(self) -> str:
        """Number and hash, to be saved elsewhere: the log up to this entry can be checked against them."""
        return f"{self.number}:{self.hash}"


@dataclass(frozen=True, slots=True)
class Repeats:
    """Refusals of one action to one actor that followed the recorded one; `count` of them until `last_at`, in UTC."""

    actor: str
    action: str
    session_id: str
    count: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class ChainBreak:
    """The first entry that is not as it was written, and how that shows."""

    number: int
    reason: str


def append_entry(previous: AuditEntry | None, event: AuditEvent) -> AuditEntry:
    """Return the entry that follows `previous` (None: the first of all). Texts of the event are taken as they are."""
    number, previous_hash = (previous.number + 1, previous.hash) if previous else (1, NO_HASH)
    at = event.at.astimezone(UTC).isoformat(timespec="microseconds")
    said = (number, at, event.actor, event.action.name, event.session_id, event.details, previous_hash)
    return AuditEntry(*said, hash=compute_hash(AuditEntry(*said, hash="")))


def compute_hash(entry: AuditEntry) -> str:
    """Return the SHA-256 of all that the entry says, as hexadecimal digits.

    What is hashed is JSON in ASCII without spaces, its names in alphabetical order: action, actor, at, details, number,
    previous_hash, session_id.
    """
    names = ("action", "actor", "at", "details", "number", "previous_hash", "session_id")
    said = {name: getattr(entry, name) for name in names}
    return hashlib.sha256(json.dumps(said, separators=(",", ":"), sort_keys=True).encode("ascii")).hexdigest()


def find_chain_break(entries: Iterable[AuditEntry], head: tuple[int, str] | None = None) -> ChainBreak | None:
    """Return the first fault of a whole log, oldest entry first; None where there is none.

    `head` is the number and hash of the latest entry at some earlier time.
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
