"""Text that hides between the end of a JPEG's compressed data and the marker that ends the file.

Where the data end, only decoding tells. So a file that ends in what looks like text is decoded with other bytes in its
place: where no pixel changes, they were no picture.
"""

import hashlib
import io
import re

from PIL import Image

_END_BYTES = 2
# Compressed data end like this in one file of 400.
_TEXT = re.compile(rb"[\t\n\r\x20-\x7e]{6}")
_LOOKED_AT_BYTES = 24
_REPLACED_BYTES = 6
_REPLACEMENTS = (0x55, 0xAA, 0x0F)


def ends_in_text(jpeg: bytes) -> bool:
    """Whether a whole JPEG, with nothing but its end behind its last scan, has text behind its compressed data."""
    end = len(jpeg[:-_END_BYTES].rstrip(b"\0\xff"))
    if not _TEXT.fullmatch(jpeg[max(0, end - _LOOKED_AT_BYTES) : end].replace(b"\0", b"")[-_REPLACED_BYTES:]):
        return False
    pixels = _decode(jpeg)
    return all(_decode(_replace(jpeg, end, value)) == pixels for value in _REPLACEMENTS)


def _replace(jpeg: bytes, end: int, value: int) -> bytes:
    return jpeg[: end - _REPLACED_BYTES] + bytes((value,)) * _REPLACED_BYTES + jpeg[end:]


def _decode(jpeg: bytes) -> bytes:
    """A hash of the pixels; empty where there are none."""
    try:
        with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as picture:
            return hashlib.sha256(picture.tobytes()).digest()
    except (OSError, SyntaxError, ValueError):
        return b""
