"""From a file to a picture as it is to be seen: upright, grey or RGB, 8 bits, nothing see-through."""

import io
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from PIL import ExifTags, Image
from PIL.ImageFile import ImageFile

from lib.domain.flattening import find_profile, flatten
from lib.domain.formats import Format, find_format
from lib.domain.image import ImageLimits
from lib.domain.thumbnail import ENOUGH_PX
from lib.errors import UnusableImage

# What turns a picture upright, by its EXIF orientation. Source: CIPA DC-008 (Exif 2.32), tag 0x0112.
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True, slots=True)
class Decoded:
    """A file's picture, and what had to be done to it: without `steps`, the file itself shows it.

    `size_px` is the width and height it came with; a file without steps that may be sent as it came can have fewer
    `pixels`, enough for a thumbnail. `media_type` is what the picture is best sent as. `profile` is the ICC profile
    of its colours, empty for none.
    """

    pixels: Image.Image
    size_px: tuple[int, int]
    media_type: str
    profile: bytes
    steps: tuple[str, ...]


def decode(content: bytes, limits: ImageLimits) -> Decoded:
    """Decode the whole of a file, so that a broken one is noticed.

    Raises UnusableImage, and nothing else, whatever the bytes are.
    """
    kind = find_format(content)
    with _distrust(limits):
        picture = kind.open(io.BytesIO(content))
        if picture.width * picture.height > limits.upload_pixels:
            raise Image.DecompressionBombError
        return _decode(kind, picture, content, limits)


@contextmanager
def _distrust(limits: ImageLimits) -> Iterator[None]:
    try:
        with warnings.catch_warnings():
            # Filters belong to the process: threads that overlap here may leave Pillow's warnings off, but no others.
            warnings.filterwarnings("ignore", module=r"PIL\.")
            yield
    except UnusableImage:
        raise
    except Image.DecompressionBombError as error:
        most = f"{limits.upload_pixels / 1e6:g} megapixels"
        raise UnusableImage(f"The image has more than {most}: save it smaller, and upload it again.") from error
    except Exception as error:  # decoders raise almost anything on a broken file
        raise UnusableImage("The image is damaged or incomplete: export it again, or upload it again.") from error


def _decode(kind: Format, picture: ImageFile, content: bytes, limits: ImageLimits) -> Decoded:
    size_px, media_type = picture.size, kind.media_type_for(content)
    steps = [*_describe_frames(kind, picture), *_describe_depth(kind, picture, content)]
    orientation = _read_orientation(picture)
    if _shows_itself(kind, picture, orientation) and len(content) <= limits.sent_bytes:
        # Still reads and checks all the data, but makes no more pixels of them than a thumbnail needs.
        picture.draft("RGB", ENOUGH_PX)
    picture.load()
    pixels, flattening = flatten(picture)
    steps += [*flattening, *_describe_turn(orientation), *_describe_conversion(kind, media_type)]
    if orientation != 1 and kind.name != "TIFF":  # Pillow turns TIFF files itself while it decodes them
        pixels = pixels.transpose(TURNS[orientation])
    profile = find_profile(picture, pixels.mode)
    pixels.info = {}  # or else Pillow copies parts of it into the files it writes
    return Decoded(pixels, size_px, media_type, profile, tuple(steps))


def _read_orientation(picture: ImageFile) -> int:
    """EXIF orientation, 1 (upright) to 8; 1 where there is none that makes sense."""
    if picture.format == "PNG":
        picture.load()  # its EXIF may stand behind its pixels
    try:
        orientation = picture.getexif().get(ExifTags.Base.Orientation, 1)
    except (SyntaxError, ValueError, struct.error):
        return 1
    return orientation if orientation in TURNS else 1


def _shows_itself(kind: Format, picture: ImageFile, orientation: int) -> bool:
    return kind.name == "JPEG" and picture.mode in ("L", "RGB") and orientation == 1


def _describe_frames(kind: Format, picture: ImageFile) -> Iterator[str]:
    if not getattr(picture, "is_animated", False):
        return
    # To count a TIFF's pages is to read them all; the pictures of a HEIC are no sequence.
    several = {"TIFF": "First of several pages", "HEIC": "Main one of several pictures"}
    yield several.get(kind.name) or f"First of {getattr(picture, 'n_frames', 1)} frames"


def _describe_depth(kind: Format, picture: ImageFile, content: bytes) -> Iterator[str]:
    # Pillow says nothing of 16 bits a colour; byte 24 of a PNG does. Source: W3C PNG, 11.2.1 (IHDR).
    if picture.mode.startswith("I;16") or (kind.name == "PNG" and content[24] == 16):
        yield "Reduced from 16 to 8 bits"


def _describe_turn(orientation: int) -> Iterator[str]:
    if orientation != 1:
        yield f"Turned upright (EXIF orientation {orientation})"


def _describe_conversion(kind: Format, media_type: str) -> Iterator[str]:
    if kind.name not in ("JPEG", "PNG"):
        yield f"Converted from {kind.name} to {media_type.removeprefix('image/').upper()}"
