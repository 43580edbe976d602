"""Pictures of every pixel mode as plain ones: grey or RGB, 8 bits, nothing see-through."""

from PIL import Image

from lib.errors import UnusableImage
from lib.images.depths import Depth, to_8_bits


def flatten(picture: Image.Image, depth: Depth) -> tuple[Image.Image, tuple[str, ...]]:
    """The picture in mode L or RGB, and what a person could see of that, in sentences.

    Raises UnusableImage for 32-bit pixels and for signed values: nothing says which of them is white.
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
            f"The image has signed values of {depth.bits} bits: export it with unsigned ones, and upload it again."
        )
    if mode in ("I", "F"):
        raise UnusableImage("The image has 32 bits per pixel: export it with 8 or 16 bits, and upload it again.")


def _put_on_white(layer: Image.Image) -> tuple[Image.Image, tuple[str, ...]]:
    if layer.getchannel("A").getextrema() == (255, 255):
        return layer.convert("RGB"), ()
    white = Image.new("RGB", layer.size, "white")
    white.paste(layer, mask=layer)
    return white, ("Transparent parts put on white",)
