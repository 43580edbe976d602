"""Writes a backup file, a member at a time."""

import base64
import hashlib
import json
import zipfile
from collections.abc import Iterable
from datetime import UTC, datetime
from types import TracebackType
from typing import BinaryIO, Self

from lib.store.backup_manifest import MANIFEST, AbsentImages, Manifest, Member, name_image
from lib.store.engine import HEAD

# Higher levels take several times as long, for files that are a tenth smaller.
_COMPRESSION = 1


class BackupWriter:
    """A backup file that is being written. It is whole after `finish`."""

    def __init__(self, stream: BinaryIO) -> None:
        self._archive = zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=_COMPRESSION)
        self._made_at = datetime.now(UTC)
        self._members: dict[str, Member] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._archive.close()

    def add_lines(self, name: str, pieces: Iterable[bytes]) -> int:
        """Add a member of lines, which come in pieces of whole lines, and return their number."""
        digest, size_bytes, lines = hashlib.sha256(), 0, 0
        with self._archive.open(name, "w", force_zip64=True) as member:
            for piece in pieces:
                member.write(piece)
                digest.update(piece)
                size_bytes += len(piece)
                lines += piece.count(b"\n")
        self._members[name] = Member(digest.hexdigest(), size_bytes, lines)
        return lines

    def add_image(self, sha256: str, content: bytes) -> None:
        """Add an image, which does not become smaller by another compression."""
        self._archive.writestr(name_image(sha256), content, zipfile.ZIP_STORED)

    def finish(self, absent: AbsentImages) -> Manifest:
        """Add the manifest, and return it."""
        manifest = Manifest(HEAD, self._made_at.isoformat(timespec="seconds"), self._members, absent)
        self._archive.writestr(MANIFEST, manifest.to_json())
        return manifest


def format_thumbnail(sha256: str, thumbnail: bytes) -> bytes:
    """Return the line of a thumbnail."""
    return json.dumps([sha256, base64.b64encode(thumbnail).decode("ascii")]).encode() + b"\n"
