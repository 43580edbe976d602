"""Pictures of every pixel mode as plain ones: grey or RGB, 8 bits, nothing see-through."""

from PIL import Image

from lib.errors import UnusableImage


def flatten(picture: Image.Image) -> tuple[Image.Image, tuple[str, ...]]:
    """The picture in mode L or RGB, and what a person could see of that, in sentences.

    Raises UnusableImage for 32-bit pixels: nothing says which of their values is white.
    """
    if picture.mode in ("I", "F"):
        raise UnusableImage("The image has 32 bits per pixel: export it with 8 or 16 bits, and upload it again.")
    picture = _reduce_depth(picture)
    if picture.has_transparency_data:
        return _put_on_white(picture.convert("RGBA"))
    steps = ("Converted from CMYK to RGB",) if picture.mode == "CMYK" else ()
    mode = "L" if picture.mode in ("1", "L") else "RGB"
    return picture if picture.mode == mode else picture.convert(mode), steps


def _reduce_depth(picture: Image.Image) -> Image.Image:
    if not picture.mode.startswith("I;16"):
        return picture
    # 65535 / 257 = 255. Pillow's own conversion clips: all that is above 255 would be white.
    grey = picture.convert("I").point(lambda value: value * (1 / 257) + 0.5).convert("L")
    grey.info.pop("transparency", None)  # a value of 16 bits, which means nothing any more
    return grey


def _put_on_white(layer: Image.Image) -> tuple[Image.Image, tuple[str, ...]]:
    if layer.getchannel("A").getextrema() == (255, 255):
        return layer.convert("RGB"), ()
    white = Image.new("RGB", layer.size, "white")
    white.paste(layer, mask=layer)
    return white, ("Transparent parts put on white",)
