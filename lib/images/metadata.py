"""Files without what they say beside the picture: where, when, by whom and with what it was taken.

The compressed picture is copied as it is, so that no pixel changes. Kept is what colors need, and nothing else.
"""

import re

from lib.images.file_structure import UnknownStructure
from lib.images.metadata_jpeg import strip_jpeg
from lib.images.metadata_png import strip_png

_JPEG, _PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
_LOCATION = re.compile(rb"GPSLatitude|GPSPosition|G\0P\0S\0L\0a\0t\0i\0t\0u\0d\0e\0")


def strip_metadata(content: bytes, *, keep_profile: bool = True) -> bytes:
    """Return a JPEG or PNG file without metadata; the same bytes where there is none.

    The color profile stays, without texts that are not a profile's usual ones. What follows the picture is dropped.
    Raises UnknownStructure where that cannot be done without decoding, UnusableImage for a file of too many parts.
    """
    if content.startswith(_JPEG):
        stripped = b"".join(strip_jpeg(content, keep_profile))
    elif content.startswith(_PNG):
        stripped = b"".join(strip_png(content, keep_profile))
    else:
        raise UnknownStructure
    return content if stripped == content else stripped


def names_location(content: bytes) -> bool:
    """Whether XMP anywhere in these bytes says where the picture was taken."""
    return bool(_LOCATION.search(content))
