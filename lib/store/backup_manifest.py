"""What a backup file is: a ZIP file with tables as JSON Lines, images by their SHA-256, and a manifest.

    manifest.json           format, schema, time, SHA-256 of the members below, and images that are not in the file
    tables/<table>.jsonl    first line: names of the columns; then a line for each row
    thumbnails.jsonl        a line for each image: its SHA-256, and its thumbnail in Base64
    images/<SHA-256>        the bytes of an image, as they are stored

No part depends on the database: a backup of SQLite can be restored to PostgreSQL, and the other way around.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Self

from lib.errors import UnusableBackup
from lib.store.engine import HEAD

MANIFEST, THUMBNAILS = "manifest.json", "thumbnails.jsonl"
TABLE = re.compile(r"tables/([a-z][a-z_]*)\.jsonl", re.ASCII)
IMAGE = re.compile(r"images/([0-9a-f]{64})", re.ASCII)
NO_BACKUP = "This file is not a backup of Second Look, or it is damaged"
_FORMAT = "Second Look backup 1"
_REVISION = re.compile(r"[0-9]{4}", re.ASCII)


def name_table(table: str) -> str:
    """Return the name of the member with the rows of a table."""
    return f"tables/{table}.jsonl"


def name_image(sha256: str) -> str:
    """Return the name of the member with an image."""
    return f"images/{sha256}"


@dataclass(frozen=True, slots=True)
class Member:
    """What is known of a member with lines: the SHA-256 and size of its content, and the number of lines."""

    sha256: str
    size_bytes: int
    lines: int


@dataclass(frozen=True, slots=True)
class AbsentImages:
    """Images by SHA-256 that the database had and the file has not, in whole or in part.

    Those of `deleted` were deleted with their sessions while the backup was made. Those of `damaged` were missing in
    the image store before, or did not match their hash.
    """

    deleted: tuple[str, ...] = ()
    damaged: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup contains. `revision` is that of the tables, `made_at` a time in ISO 8601."""

    revision: str
    made_at: str
    members: Mapping[str, Member]
    absent: AbsentImages = field(default=AbsentImages())

    def count_rows(self, table: str) -> int:
        """Return the number of rows of a table; 0 if the backup is of a release that had no such table."""
        member = self.members.get(name_table(table))
        return member.lines - 1 if member else 0

    def to_json(self) -> bytes:
        """Return the content of the member `manifest.json`."""
        return json.dumps({"format": _FORMAT, **asdict(self)}, indent=1).encode()

    @classmethod
    def from_json(cls, content: bytes) -> Self:
        """Read what `to_json` returned. Raises UnusableBackup, also if a newer release wrote it."""
        try:
            values = json.loads(content)
            is_backup = values["format"] == _FORMAT and bool(_REVISION.fullmatch(values["revision"]))
            members = {str(name): Member(**member) for name, member in values["members"].items()}
            absent = AbsentImages(**{kind: _check_absent(names) for kind, names in values["absent"].items()})
            made_at = datetime.fromisoformat(values["made_at"]).isoformat()
            manifest = cls(values["revision"], made_at, members, absent)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise UnusableBackup(f"{NO_BACKUP}: it has no valid manifest.") from error
        if not is_backup:
            raise UnusableBackup(f"{NO_BACKUP}: its format is unknown.")
        _check_revision(manifest.revision)
        return manifest


def _check_absent(sha256s: list[str]) -> tuple[str, ...]:
    if not all(IMAGE.fullmatch(name_image(sha256)) for sha256 in sha256s):
        raise ValueError("an image has no SHA-256")
    return tuple(sha256s)


def _check_revision(revision: str) -> None:
    if revision > HEAD:
        raise UnusableBackup(
            f"A newer release made this backup (schema {revision}; this release knows {HEAD}). Restore it with that "
            "release or a later one."
        )
