"""Reads a backup file, which may be damaged or a stranger's: nothing in it is believed before it is checked.

Names of members never become names of files. Members are read in pieces, and no further than the sizes that were
checked before.
"""

import base64
import hashlib
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lib.errors import UnusableBackup
from lib.store.backup_manifest import (
    IMAGE,
    MANIFEST,
    NO_BACKUP,
    TABLE,
    THUMBNAILS,
    Manifest,
    name_image,
    name_table,
)

_ENCRYPTED = 0x1
_MOST_MANIFEST_BYTES = 64 << 20
_MOST_IMAGE_BYTES = 256 << 20
_MOST_LINE_BYTES = 64 << 20
# Rows have hashes and times, which no compression makes so small.
_MOST_COMPRESSED = 200
_PIECE_BYTES = 1 << 20
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    TypeError,
    ValueError,
    KeyError,
)


class BackupReader:
    """A backup file whose members, sizes and hashes were checked."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        """Read and check the whole file. Raises UnusableBackup."""
        self._archive = archive
        with _translating_errors():
            _check_members(archive)
            self.manifest = Manifest.from_json(archive.read(MANIFEST))
            self._check_names()
            for name in self.manifest.members:
                for _ in self._read_lines(name):
                    pass
            self._check_images()

    @property
    def tables(self) -> frozenset[str]:
        """The names of the tables in the file."""
        return frozenset(found[1] for name in self.manifest.members if (found := TABLE.fullmatch(name)))

    def find_lines(self, table: str) -> Iterator[bytes]:
        """Return the lines of a table, each checked for its length. Raises UnusableBackup."""
        with _translating_errors():
            yield from self._read_lines(name_table(table))

    def find_images(self) -> Iterator[tuple[str, bytes]]:
        """Return all images by their SHA-256, checked against it. Raises UnusableBackup."""
        with _translating_errors():
            for sha256 in self._list_images():
                content = self._archive.read(name_image(sha256))
                if hashlib.sha256(content).hexdigest() != sha256:
                    raise UnusableBackup(f"The backup is damaged: image {sha256} does not match its hash.")
                yield sha256, content

    def find_thumbnails(self) -> Iterator[tuple[str, bytes]]:
        """Return all thumbnails by the SHA-256 of their images. Raises UnusableBackup."""
        with _translating_errors():
            for line in self._read_lines(THUMBNAILS):
                sha256, thumbnail = json.loads(line)
                if not IMAGE.fullmatch(name_image(sha256)):
                    raise UnusableBackup("The backup is damaged: a thumbnail belongs to no image.")
                yield sha256, base64.b64decode(thumbnail)

    def _list_images(self) -> Iterator[str]:
        return (found[1] for name in self._archive.namelist() if (found := IMAGE.fullmatch(name)))

    def _read_lines(self, name: str) -> Iterator[bytes]:
        expected, digest = self.manifest.members[name], hashlib.sha256()
        with self._archive.open(name) as member:
            lines = io.BufferedReader(member, _PIECE_BYTES)  # type: ignore[type-var]
            while line := lines.readline(_MOST_LINE_BYTES):
                digest.update(line)
                if not line.endswith(b"\n"):
                    raise UnusableBackup(f"The backup is damaged: {name} has a line without an end.")
                yield line
        if digest.hexdigest() != expected.sha256:
            raise UnusableBackup(f"The backup is damaged: {name} does not match its hash.")

    def _check_names(self) -> None:
        with_lines = {name for name in self._archive.namelist() if not IMAGE.fullmatch(name)} - {MANIFEST}
        wanted = set(self.manifest.members)
        if with_lines != wanted or not {THUMBNAILS, name_table("images")} <= wanted:
            raise UnusableBackup(f"{NO_BACKUP}: its members are not those of its manifest.")
        for name, member in self.manifest.members.items():
            if self._archive.getinfo(name).file_size != member.size_bytes:
                raise UnusableBackup(f"The backup is damaged: {name} has another size than in the manifest.")

    def _check_images(self) -> None:
        absent = {*self.manifest.absent.deleted, *self.manifest.absent.damaged}
        lines = self._read_lines(name_table("images"))
        column = json.loads(next(lines)).index("sha256")
        wanted = {json.loads(line)[column] for line in lines}
        found = {sha256 for sha256, _ in self.find_images()}
        thumbnails = {sha256 for sha256, _ in self.find_thumbnails()}
        if not thumbnails <= found <= wanted or not wanted - thumbnails <= absent:
            raise UnusableBackup("The backup is damaged: its images are not those of its tables.")


@contextmanager
def open_backup(file: Path) -> Iterator[BackupReader]:
    """Open a backup file and check it whole. Raises UnusableBackup."""
    with _translating_errors():
        archive = zipfile.ZipFile(file)
    with archive:
        yield BackupReader(archive)


@contextmanager
def _translating_errors() -> Iterator[None]:
    try:
        yield
    except _BROKEN as error:
        raise UnusableBackup(f"{NO_BACKUP}: {str(error) or type(error).__name__}.") from error


def _check_members(archive: zipfile.ZipFile) -> None:
    entries = archive.infolist()
    if len({entry.filename for entry in entries}) < len(entries):
        raise UnusableBackup(f"{NO_BACKUP}: it has two members with one name.")
    for entry in entries:
        _check_member(entry)


def _check_member(entry: zipfile.ZipInfo) -> None:
    is_image = bool(IMAGE.fullmatch(entry.filename))
    if not is_image and entry.filename not in {MANIFEST, THUMBNAILS} and not TABLE.fullmatch(entry.filename):
        raise UnusableBackup(f"{NO_BACKUP}: a backup has no member {entry.filename[:60]!r}.")
    # Other methods may request gigabytes of memory before the first byte is unpacked.
    expected = zipfile.ZIP_STORED if is_image else zipfile.ZIP_DEFLATED
    if entry.compress_type != expected or entry.flag_bits & _ENCRYPTED:
        raise UnusableBackup(f"{NO_BACKUP}: {entry.filename} is encrypted, or compressed in another way.")
    most_bytes = _MOST_IMAGE_BYTES if is_image else max(_PIECE_BYTES, entry.compress_size * _MOST_COMPRESSED)
    if entry.file_size > (_MOST_MANIFEST_BYTES if entry.filename == MANIFEST else most_bytes):
        raise UnusableBackup(f"{NO_BACKUP}: {entry.filename} is too large.")
