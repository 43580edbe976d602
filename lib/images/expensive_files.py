"""Files that are small and legal, and take minutes to decode: counted before anything is decoded.

What is left of them is bounded by the time and the memory of the worker that decodes.
"""

import re
import struct

from lib.errors import UnusableImage

MOST_SCANS = 200
"""Scans of a JPEG. Each goes over the whole picture again; encoders write about 10."""
MOST_STRIPS = 200_000
"""Strips or tiles of a TIFF: tiles of 16 x 16 px in a picture of 50 megapixels."""

_SCAN = b"\xff\xda"
# What ends a scan's data: any marker but a stuffed zero, a restart, and a fill byte. Source: ITU-T T.81, B.1.1.
_AFTER_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_STRIP_TAGS = {273, 324}


def refuse_expensive(format_name: str, content: bytes) -> None:
    """Raise UnusableImage for a file whose parts are too many to decode."""
    if format_name == "JPEG" and count_scans(content, MOST_SCANS) > MOST_SCANS:
        raise UnusableImage(f"The JPEG has more than {MOST_SCANS} scans: save it again as an ordinary JPEG.")
    if format_name == "TIFF" and _count_strips(content) > MOST_STRIPS:
        raise UnusableImage(f"The TIFF has more than {MOST_STRIPS:,} strips: save it again with larger ones.")


def count_scans(content: bytes, most: int) -> int:
    """How many scans a JPEG has, counted no further than one more than `most`."""
    if content.count(_SCAN) <= most:  # no more than that, whatever they are
        return content.count(_SCAN)
    scans, at = 0, 2
    while scans <= most and (found := _AFTER_SCAN.search(content, at)):
        marker, length = content[found.end() - 1], content[found.end() : found.end() + 2]
        if marker == 0xD9:
            break
        scans += marker == 0xDA
        has_length = marker not in (0x01, 0xD8)
        at = found.end() + (int.from_bytes(length) if has_length else 0)
    return scans


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
