"""Removes metadata from files: where, when, by whom and with which device a picture was taken. Reads when.

The compressed picture is copied unchanged. Only the data that colors need are kept.
"""

import re
from datetime import datetime

from PIL import ExifTags, Image

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


def read_capture_time(picture: Image.Image) -> datetime | None:
    """Return when a picture was taken, by EXIF; None if the file does not say, or says something else.

    It is what the camera's clock showed, taken as UTC: cameras often do not know their time zone.
    """
    try:
        tags = picture.getexif().get_ifd(ExifTags.IFD.Exif)
        clock = str(tags[ExifTags.Base.DateTimeOriginal]).strip(" \0")
        moment = datetime.strptime(f"{clock} +0000", "%Y:%m:%d %H:%M:%S %z")
        digits = str(tags.get(ExifTags.Base.SubsecTimeOriginal, "")).strip(" \0")
        fraction_s = float(f"0.{digits}") if digits.isascii() and digits.isdecimal() else 0.0
        return moment.replace(microsecond=min(999_999, round(fraction_s * 1e6)))
    except Exception:  # tags may have any content
        return None


def names_location(content: bytes) -> bool:
    """Report whether XMP anywhere in these bytes states where the picture was taken."""
    return bool(_LOCATION.search(content))
