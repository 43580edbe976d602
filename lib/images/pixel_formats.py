"""Converts pixel formats to 8-bit gray or RGB, by the bit depth of the file."""

from dataclasses import dataclass

from PIL import Image
from PIL.ImageFile import ImageFile

from lib.errors import UnusableImage

# Source: TIFF 6.0, section 8 and page 80 (SampleFormat).
_BITS_PER_SAMPLE, _PHOTOMETRIC, _SAMPLE_FORMAT = 258, 262, 339
_WHITE_IS_ZERO, _SIGNED = 0, 2
_DEPTH_OF_PNG = 24
"""The offset of the bit depth. Source: W3C PNG, 11.2.1 (IHDR)."""
_CODESTREAM = b"\xff\x4f\xff\x51"
_COMPONENTS_AT = 42
"""The offset of component depths from the start of a JPEG 2000 codestream. Source: ISO 15444-1, A.5.1 (SIZ)."""


@dataclass(frozen=True, slots=True)
class Depth:
    """The bits per color in the file, and the meaning of values in the picture that Pillow decodes.

    `white` is the highest value; in a negative, it is black.
    """

    bits: int = 8
    white: int = 255
    is_negative: bool = False
    is_signed: bool = False


def read_depth(format_name: str, picture: ImageFile, content: bytes) -> Depth:
    """Return the depth of an opened file: 8 bits if the format has no other, or Pillow does not report it."""
    if format_name == "PNG":
        return _scaled(content[_DEPTH_OF_PNG], picture.mode)
    if format_name == "TIFF":
        return _read_tiff(picture)
    if format_name == "JPEG 2000":
        return _shifted(_read_jpeg_2000(content), picture.mode)
    if format_name == "HEIC":
        return _shifted(picture.info.get("bit_depth") or 8, picture.mode)
    return _scaled(8, picture.mode)


def to_8_bits(picture: Image.Image, depth: Depth) -> Image.Image:
    """Return the picture with 255 as white."""
    if not picture.mode.startswith("I;16"):
        # A palette's indices are not colors.
        return _stretch(picture, depth) if depth.white < 255 and picture.mode != "P" else picture
    factor, start = (-255 / depth.white, 255) if depth.is_negative else (255 / depth.white, 0)
    # Pillow's own conversion clips all values above 255 to white.
    gray = picture.convert("I").point(lambda value: value * factor + (start + 0.5)).convert("L")
    gray.info.pop("transparency", None)  # a 16-bit value, which has no meaning any more
    return gray


def _stretch(picture: Image.Image, depth: Depth) -> Image.Image:
    table = [min(255, round(value * 255 / depth.white)) for value in range(256)]
    return picture.point(table * len(picture.getbands()))


def _read_tiff(picture: ImageFile) -> Depth:
    tags = picture.tag_v2  # type: ignore[attr-defined]
    bits = max(tags.get(_BITS_PER_SAMPLE, (1,)))
    is_deep = picture.mode.startswith("I;16")
    return Depth(
        bits=bits,
        # Pillow scales fewer than 8 bits up, and keeps the values of more.
        white=(1 << bits) - 1 if is_deep else 255,
        # Pillow inverts negatives of up to 8 bits itself.
        is_negative=is_deep and tags.get(_PHOTOMETRIC) == _WHITE_IS_ZERO,
        is_signed=_SIGNED in tags.get(_SAMPLE_FORMAT, ()),
    )


def _read_jpeg_2000(content: bytes) -> int:
    offset = content.index(_CODESTREAM) + _COMPONENTS_AT
    return (content[offset] & 0x7F) + 1


def _scaled(bits: int, mode: str) -> Depth:
    """Return the depth if the decoder scales white to that of the picture's mode."""
    return Depth(bits, 65535 if mode.startswith("I;16") else 255)


def _shifted(bits: int, mode: str) -> Depth:
    """Return the depth if the decoder shifts values to the left, filled with zeros."""
    room = 16 if mode.startswith("I;16") else 8
    used = min(bits, room)
    return Depth(bits, ((1 << used) - 1) << (room - used))


def flatten(picture: Image.Image, depth: Depth) -> tuple[Image.Image, tuple[str, ...]]:
    """Return the picture in mode L or RGB, and visible steps as text for people.

    Raises UnusableImage for 32-bit pixels and signed values, whose white is unknown.
    """
    _refuse_unknown_white(picture.mode, depth)
    picture = to_8_bits(picture, depth)
    if picture.has_transparency_data:
        return _put_on_white(picture.convert("RGBA"))
    steps = ("Converted from CMYK to RGB",) if picture.mode == "CMYK" else ()
    mode = "L" if picture.mode in ("1", "L") else "RGB"
    return picture if picture.mode == mode else picture.convert(mode), steps


def _refuse_unknown_white(mode: str, depth: Depth) -> None:
    if depth.is_signed and depth.bits <= 16:
        raise UnusableImage(
            f"The image has signed values of {depth.bits} bits. Export it with unsigned values, then upload it again."
        )
    if mode in ("I", "F"):
        raise UnusableImage("The image has 32 bits per pixel. Export it with 8 or 16 bits, then upload it again.")


def _put_on_white(layer: Image.Image) -> tuple[Image.Image, tuple[str, ...]]:
    if layer.getchannel("A").getextrema() == (255, 255):
        return layer.convert("RGB"), ()
    white = Image.new("RGB", layer.size, "white")
    white.paste(layer, mask=layer)
    return white, ("Transparent parts put on white",)
