"""Walks the parts of JPEG, PNG and TIFF files, and refuses files that are expensive to decode."""

import re
import struct
from collections import deque
from collections.abc import Callable, Iterator

from lib.errors import UnusableImage


class UnknownStructure(Exception):
    """The parts of a file cannot be told from each other, so that nothing can be left out safely."""


MOST_SCANS = 200
"""Scans of a JPEG. Each goes over the whole picture again; encoders write about 10."""
MOST_SEGMENTS = 2_000
"""Segments of a JPEG besides its scans: 30 MB of a profile, XMP and tables have about 500."""
MOST_CHUNKS = 10_000
"""Chunks of a PNG: 30 MB in pieces of 8 kB have 4,000."""
MOST_STRIPS = 200_000
"""Strips or tiles of a TIFF: tiles of 16 x 16 px in a picture of 50 megapixels."""

JPEG_END, JPEG_SCAN = 0xD9, 0xDA
_START = b"\xff\xd8"
_WITHOUT_LENGTH = {0x01, 0xD8}
AFTER_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
"""What ends a scan's data: any marker but a stuffed zero, a restart, and a fill byte. Source: ITU-T T.81, B.1.1."""
_STRIP_TAGS = {273, 324}


def refuse_expensive(format_name: str, content: bytes) -> None:
    """Raise UnusableImage for a file whose parts are too many to decode."""
    walk = _WALKS.get(format_name)
    if walk:
        deque(walk(content), maxlen=0)
    if format_name == "TIFF" and _count_strips(content) > MOST_STRIPS:
        raise UnusableImage(f"The TIFF has more than {MOST_STRIPS:,} strips: save it again with larger ones.")


def walk_segments(content: bytes) -> Iterator[tuple[int, int, int]]:
    """Each marker of a JPEG with where its segment starts and ends, a scan with its data; the image's end is the last.

    It stops early where the file is broken. Raises UnusableImage past the most scans or other segments.
    """
    scans = others = at = 0
    while found := AFTER_SCAN.search(content, at or len(_START)):
        marker, start, at = content[found.end() - 1], found.end() - 2, found.end()
        if marker == JPEG_END:
            yield marker, start, at
            return
        scans, others = scans + (marker == JPEG_SCAN), others + (marker != JPEG_SCAN)
        _refuse_many(scans, others)
        if marker in _WITHOUT_LENGTH:
            continue
        length = int.from_bytes(content[at : at + 2])
        at += length
        if length < 2 or at > len(content):
            return
        if marker == JPEG_SCAN:
            following = AFTER_SCAN.search(content, at)
            at = following.start() if following else len(content)
        yield marker, start, at


def _refuse_many(scans: int, others: int) -> None:
    if scans > MOST_SCANS:
        raise UnusableImage(f"The JPEG has more than {MOST_SCANS} scans: save it again as an ordinary JPEG.")
    if others > MOST_SEGMENTS:
        raise UnusableImage(f"The JPEG has more than {MOST_SEGMENTS:,} segments: save it again as an ordinary JPEG.")


def walk_chunks(content: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Each chunk of a PNG: its name, and where its content starts and ends; IEND is the last.

    It stops early where the file is broken. Raises UnusableImage past `MOST_CHUNKS`.
    """
    at, name = 8, b""
    for _ in range(MOST_CHUNKS):
        name, start = content[at + 4 : at + 8], at + 8
        end = start + int.from_bytes(content[at : at + 4])
        at = end + 4
        if at > len(content):
            return
        yield name, start, end
        if name == b"IEND":
            return
    raise UnusableImage(f"The PNG has more than {MOST_CHUNKS:,} chunks: save it again as an ordinary PNG.")


def _count_strips(content: bytes) -> int:
    """The largest number of strips or tiles that the first directory of a TIFF names; 0 where it cannot be read."""
    order = "<" if content[:2] == b"II" else ">"
    is_big = content[2:4] in (b"+\0", b"\0+")
    count_at, entry, width = ("Q", "HHQQ", 8) if is_big else ("H", "HHII", 4)
    try:
        (start,) = struct.unpack_from(f"{order}{'Q' if is_big else 'I'}", content, width)
        (entries,) = struct.unpack_from(f"{order}{count_at}", content, start)
        first = start + struct.calcsize(f"{order}{count_at}")
        size = struct.calcsize(f"{order}{entry}")
        table = content[first : first + min(entries, 4096) * size]
        found = struct.iter_unpack(f"{order}{entry}", table[: len(table) // size * size])
        return max((count for tag, _, count, _ in found if tag in _STRIP_TAGS), default=0)
    except struct.error:
        return 0


_WALKS: dict[str, Callable[[bytes], Iterator[object]]] = {"JPEG": walk_segments, "PNG": walk_chunks}
