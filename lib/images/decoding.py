"""Decodes a file to a picture as people see it: upright, gray or RGB, 8 bits, opaque."""

import io
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from PIL import ExifTags, Image
from PIL.ImageFile import ImageFile

from lib.domain.images import ImageLimits
from lib.errors import UnusableImage
from lib.images.file_structure import refuse_expensive
from lib.images.formats import Format, find_format
from lib.images.metadata import names_location, read_capture_time
from lib.images.pixel_formats import Depth, flatten, read_depth
from lib.images.profiles import choose_profile, convert_to_srgb, is_wide
from lib.images.thumbnails import ENOUGH_PX

# Transpositions that turn a picture upright, by EXIF orientation. Source: CIPA DC-008 (Exif 2.32), tag 0x0112.
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


_TURNS_BACK = {**TURNS, 6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}


@dataclass(frozen=True, slots=True)
class Decoded:
    """A decoded picture, and the steps that it needed. Without steps, the file itself can be sent.

    `size_px` is the file's width and height; a draft of a file without steps may have fewer `pixels`, enough for a
    thumbnail. `media_type` is the best format to send it in. `profile` is the ICC profile of its colors, empty for
    none. `has_location`: whether the file states where it was taken. `captured_at` is when, None if it does not say.
    """

    pixels: Image.Image
    size_px: tuple[int, int]
    media_type: str
    profile: bytes
    steps: tuple[str, ...]
    has_location: bool = False
    captured_at: datetime | None = None


def decode(content: bytes, limits: ImageLimits, *, draft: bool = False, upright: bool = True) -> Decoded:
    """Decode a whole file, so that broken ones are detected.

    A `draft` of a file that can be sent as it is has only the pixels that a thumbnail needs. Without `upright`, the
    EXIF orientation is left to the caller. Raises nothing but UnusableImage, whatever the bytes are.
    """
    kind = find_format(content)
    refuse_expensive(kind.name, content)
    with _catch_decoder_errors(limits):
        picture = kind.open(io.BytesIO(content))
        _refuse_pixels(picture, limits)
        orientation = _read_orientation(picture)
        if draft and _needs_no_steps(kind, picture, orientation) and len(content) <= limits.sent_bytes:
            # Reads and checks all data, but only makes the pixels that a thumbnail needs.
            size_px = picture.size
            picture.draft("RGB", ENOUGH_PX)
            return replace(_decode(kind, picture, content, 1), size_px=size_px)
        return _decode(kind, picture, content, orientation, upright=upright)


def _refuse_pixels(picture: Image.Image, limits: ImageLimits) -> None:
    if picture.width * picture.height > limits.upload_pixels:
        raise Image.DecompressionBombError


@contextmanager
def _catch_decoder_errors(limits: ImageLimits) -> Iterator[None]:
    try:
        with warnings.catch_warnings():
            # Filters are global: threads that overlap here may leave Pillow's warnings off, but no others.
            warnings.filterwarnings("ignore", module=r"PIL\.")
            yield
    except UnusableImage:
        raise
    except Image.DecompressionBombError as error:
        most = f"{limits.upload_pixels / 1e6:g} megapixels"
        raise UnusableImage(
            f"The image has more than {most}. Save it with fewer pixels, then upload it again."
        ) from error
    except MemoryError as error:
        raise UnusableImage(
            "Decoding the image takes too much memory. Save it with fewer pixels or as a JPEG, then upload it again."
        ) from error
    except Exception as error:  # decoders raise almost anything on a broken file
        raise UnusableImage("The image is damaged or incomplete. Export it again, then upload it again.") from error


def _decode(kind: Format, picture: ImageFile, content: bytes, orientation: int, *, upright: bool = True) -> Decoded:
    depth = read_depth(kind.name, picture, content)
    steps = [*_describe_frames(kind, picture), *_describe_depth(depth)]
    size_px, media_type = picture.size, kind.media_type_for(content)
    has_location, captured_at = _has_location(picture, content), read_capture_time(picture)
    picture.load()
    profile = picture.info.get("icc_profile") or b""
    pixels, flattening = flatten(picture, depth)
    pixels, conversion = convert_to_srgb(pixels, profile)
    steps += [*flattening, *conversion]
    if orientation != 1:
        pixels, turning = _turn(kind, pixels, orientation, upright=upright)
        steps += turning
    steps += _describe_conversion(kind, media_type)
    pixels.info = {}  # else Pillow copies parts of it into the files that it writes
    kept = b"" if conversion else choose_profile(pixels.mode, profile)
    return Decoded(pixels, size_px, media_type, kept, tuple(steps), has_location, captured_at)


def _turn(kind: Format, pixels: Image.Image, orientation: int, *, upright: bool) -> tuple[Image.Image, tuple[str, ...]]:
    is_upright = kind.name == "TIFF"  # Pillow turns TIFF files when it decodes them
    if is_upright and not upright:
        pixels = pixels.transpose(_TURNS_BACK[orientation])
    if upright and not is_upright:
        pixels = pixels.transpose(TURNS[orientation])
    return pixels, (f"Turned upright (EXIF orientation {orientation})",) if upright else ()


def _has_location(picture: ImageFile, content: bytes) -> bool:
    """Report whether EXIF or XMP states where the picture was taken."""
    texts = [text.encode() if isinstance(text, str) else text for text in picture.info.values()]
    if names_location(content) or any(names_location(text) for text in texts if isinstance(text, bytes)):
        return True
    try:
        # Tag 0 is the version, not a location.
        return any(tag != 0 for tag in picture.getexif().get_ifd(ExifTags.IFD.GPSInfo))
    except Exception:
        return False


def _read_orientation(picture: ImageFile) -> int:
    """Return the EXIF orientation, 1 (upright) to 8; 1 if it is missing or invalid."""
    if picture.format == "PNG":
        picture.load()  # its EXIF may follow its pixels
    try:
        orientation = picture.getexif().get(ExifTags.Base.Orientation, 1)
    except (SyntaxError, ValueError, struct.error):
        return 1
    return orientation if orientation in TURNS else 1


def _needs_no_steps(kind: Format, picture: ImageFile, orientation: int) -> bool:
    is_plain = kind.name == "JPEG" and picture.mode in ("L", "RGB") and orientation == 1
    return is_plain and not is_wide(picture.mode, picture.info.get("icc_profile") or b"")


def _describe_frames(kind: Format, picture: ImageFile) -> Iterator[str]:
    if not getattr(picture, "is_animated", False):
        return
    # Counting a TIFF's pages means reading them all; the pictures of a HEIC are not a sequence.
    several = {"TIFF": "First of several pages", "HEIC": "Main one of several pictures"}
    yield several.get(kind.name) or f"First of {getattr(picture, 'n_frames', 1)} frames"


def _describe_depth(depth: Depth) -> Iterator[str]:
    if depth.bits > 8:
        yield f"Reduced from {depth.bits} to 8 bits"


def _describe_conversion(kind: Format, media_type: str) -> Iterator[str]:
    if kind.name not in ("JPEG", "PNG"):
        yield f"Converted from {kind.name} to {media_type.removeprefix('image/').upper()}"
