"""The kinds of file that are taken in, known by how their bytes begin, never by their names.

Pillow's file classes are opened directly and not through `PIL.Image.open`: only these formats are ever tried, no
plugin has to be registered for the whole process, and pixels are counted before Pillow objects to their number.
"""

import io
import re
from collections.abc import Callable
from dataclasses import dataclass

from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile
from pillow_heif import HeifImageFile

from lib.errors import UnusableImage


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file: its name, a regular expression for its first bytes, and what reads its header."""

    name: str
    start: bytes
    open: Callable[[io.BytesIO], ImageFile]

    def media_type_for(self, content: bytes) -> str:
        """The one of the two types we send that suits such a file: what was stored with losses is a photograph."""
        lossy = self.name in ("JPEG", "HEIC") or (self.name == "WebP" and b"VP8L" not in content)
        return "image/jpeg" if lossy else "image/png"


def find_format(content: bytes) -> Format:
    """What kind of file this is. Raises UnusableImage when it is none that is taken in."""
    for kind in FORMATS:
        if re.match(kind.start, content, re.DOTALL):
            return kind
    raise UnusableImage("This is not an image that can be read: upload a JPEG, PNG, HEIC, WebP, TIFF, GIF or BMP file.")


def _open_png(stream: io.BytesIO) -> ImageFile:
    # Decoding overlooks wrong checksums and shows coloured noise: look at them first.
    PngImageFile(stream).verify()
    stream.seek(0)
    return PngImageFile(stream)


FORMATS = (
    Format("JPEG", rb"\xff\xd8\xff", JpegImageFile),
    Format("PNG", rb"\x89PNG\r\n\x1a\n", _open_png),
    Format("GIF", rb"GIF8[79]a", GifImageFile),
    Format("WebP", rb"RIFF.{4}WEBP", WebPImageFile),
    Format("BMP", rb"BM.{4}\0{4}", BmpImageFile),
    Format("TIFF", rb"II[*+]\0|MM\0[*+]", TiffImageFile),
    Format("HEIC", rb".{4}ftyp(hei[cmsx]|hev[cmsx]|m[is]f1)", HeifImageFile),
)
