"""Removes metadata from files: where, when, by whom and with which device a picture was taken.

The compressed picture is copied unchanged. Only the data that colors need are kept.
"""

import re

from lib.images.file_structure import UnknownStructure
from lib.images.metadata_jpeg import strip_jpeg
from lib.images.metadata_png import strip_png

_JPEG, _PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
_LOCATION = re.compile(rb"GPSLatitude|GPSPosition|G\0P\0S\0L\0a\0t\0i\0t\0u\0d\0e\0")


def strip_metadata(content: bytes, *, keep_profile: bool = True) -> bytes:
    """Return a JPEG or PNG file without metadata; the same object if there is none.

    The color profile is kept, without texts that may identify somebody. Data after the picture is dropped. Raises
    UnknownStructure if this needs decoding, and UnusableImage for a file with too many parts.
    """
    if content.startswith(_JPEG):
        stripped = b"".join(strip_jpeg(content, keep_profile))
    elif content.startswith(_PNG):
        stripped = b"".join(strip_png(content, keep_profile))
    else:
        raise UnknownStructure
    return content if stripped == content else stripped


def names_location(content: bytes) -> bool:
    """Report whether XMP anywhere in these bytes states where the picture was taken."""
    return bool(_LOCATION.search(content))
