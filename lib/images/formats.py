"""The accepted file formats, recognized by their first bytes, never by file names.

Pillow's file classes are opened directly, not with `PIL.Image.open`: so only these formats are tried, no plugin is
registered for the whole process, and pixels are counted before Pillow rejects too many.
"""

import io
import re
from collections.abc import Callable
from dataclasses import dataclass

from PIL.AvifImagePlugin import AvifImageFile
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.Jpeg2KImagePlugin import Jpeg2KImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile
from pillow_heif import HeifImageFile

from lib.errors import UnusableImage

# The wavelet of a JPEG 2000 is the last byte of its COD segment; 0 is the one with losses. Source: ISO 15444-1, A.6.1.
_LOSSY_JPEG_2000 = re.compile(rb"\xff\x52\0.{10}\0", re.DOTALL)
_HEADER_BYTES = 64 << 10
_UNKNOWN_PIXELS = "unknown pixel mode"
"""Pillow's message for a TIFF with valid tags but a pixel format that it cannot decode."""


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file: its name, a regular expression for its first bytes, and what reads its header."""

    name: str
    start: bytes
    open: Callable[[io.BytesIO], ImageFile]

    def media_type_for(self, content: bytes) -> str:
        """The one of the two types we send that suits such a file: what was stored with losses is a photograph."""
        return "image/jpeg" if self._is_lossy(content) else "image/png"

    def _is_lossy(self, content: bytes) -> bool:
        if self.name == "WebP":
            return b"VP8L" not in content
        if self.name == "JPEG 2000":
            return bool(_LOSSY_JPEG_2000.search(content, 0, _HEADER_BYTES))
        return self.name in ("JPEG", "HEIC", "AVIF")


def find_format(content: bytes) -> Format:
    """What kind of file this is. Raises UnusableImage when it is none that is taken in."""
    for kind in FORMATS:
        if re.match(kind.start, content, re.DOTALL):
            return kind
    raise UnusableImage(
        "This is not an image that can be read: upload a JPEG, PNG, HEIC, AVIF, WebP, TIFF, GIF, BMP or JPEG 2000 file."
    )


def _open_png(stream: io.BytesIO) -> ImageFile:
    # Decoding overlooks wrong checksums and shows colored noise: look at them first.
    PngImageFile(stream).verify()
    stream.seek(0)
    return PngImageFile(stream)


def _open_tiff(stream: io.BytesIO) -> ImageFile:
    try:
        return TiffImageFile(stream)
    except SyntaxError as error:
        if str(error) != _UNKNOWN_PIXELS:
            raise
        raise UnusableImage(
            "The TIFF has a kind of pixels that is not supported: export it as RGB with 8 bits per color."
        ) from error


FORMATS = (
    Format("JPEG", rb"\xff\xd8\xff", JpegImageFile),
    Format("PNG", rb"\x89PNG\r\n\x1a\n", _open_png),
    Format("GIF", rb"GIF8[79]a", GifImageFile),
    Format("WebP", rb"RIFF.{4}WEBP", WebPImageFile),
    Format("BMP", rb"BM.{4}\0{4}", BmpImageFile),
    Format("TIFF", rb"II[*+]\0|MM\0[*+]", _open_tiff),
    # The container is HEIC's too: where its own brand is the general one, those that follow tell.
    Format("AVIF", rb".{4}ftyp(avi[fs]|m[is]f1.{4}(?:.{4}){0,7}avi[fs])", AvifImageFile),
    Format("HEIC", rb".{4}ftyp(hei[cmsx]|hev[cmsx]|m[is]f1)", HeifImageFile),
    Format("JPEG 2000", rb"\0\0\0\x0cjP  \r\n\x87\n|\xff\x4f\xff\x51", Jpeg2KImageFile),
)
