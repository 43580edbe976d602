"""Zip archives of strangers, read with bounds on their entries and on what those unpack to."""

import io
import mmap
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from lib.errors import UnservableModel
from lib.serving.bounded_files import too_large

_ENTRY_HEADER = b"PK\x01\x02"
# An entry of 50 bytes takes ten times as much memory once it is listed.
_MOST_LISTED = 1000
_ENCRYPTED = 0x1
# Others may ask for gigabytes of memory before the first byte is unpacked.
_COMPRESSIONS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_PIECE_BYTES = 1 << 20


@contextmanager
def open_archive(source: Path | bytes) -> Iterator[zipfile.ZipFile]:
    """The archive in a file or in memory. Raises UnservableModel where it is broken, here or while it is read."""
    try:
        with ExitStack() as stack:
            _check_length(_as_buffer(source, stack))
            yield stack.enter_context(zipfile.ZipFile(io.BytesIO(source) if isinstance(source, bytes) else source))
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError, RuntimeError) as error:
        raise UnservableModel("the zip is damaged, or packed in an unusual way: pack it again") from error


def read_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most_bytes: int) -> bytes:
    """Return what an entry unpacks to. Raises UnservableModel for one that is encrypted or too large."""
    if entry.flag_bits & _ENCRYPTED:
        raise UnservableModel("the zip is encrypted")
    if entry.compress_type not in _COMPRESSIONS:
        raise UnservableModel("the zip is packed in an unusual way: pack it again")
    if entry.file_size > most_bytes:
        raise too_large(entry.filename, most_bytes)
    content = bytearray()
    with archive.open(entry) as stream:
        # Counted as it comes: what the archive says of its sizes may be a lie.
        while piece := stream.read(_PIECE_BYTES):
            content += piece
            if len(content) > most_bytes:
                raise too_large(entry.filename, most_bytes)
    return bytes(content)


def _as_buffer(source: Path | bytes, stack: ExitStack) -> bytes | mmap.mmap:
    if isinstance(source, bytes) or not source.stat().st_size:
        return source if isinstance(source, bytes) else b""
    stream = stack.enter_context(source.open("rb"))
    return stack.enter_context(mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ))


def _check_length(buffer: bytes | mmap.mmap) -> None:
    """Raise UnservableModel for an archive with very many entries, whatever it says of their number."""
    at, count = -1, 0
    while (at := buffer.find(_ENTRY_HEADER, at + 1)) >= 0:
        count += 1
        if count > _MOST_LISTED:
            raise UnservableModel("the zip has too many files")
