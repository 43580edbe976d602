"""Changes to a picture that leave what it shows: they tell how firm a prediction is, and what it rests on."""

import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from PIL import Image as Pillow
from PIL import ImageEnhance, ImageFilter

from lib.domain.decoding import Decoded
from lib.domain.encoding import Encoded, encode, save_jpeg
from lib.domain.flattening import find_profile
from lib.domain.image import Image, PreparedImage

COARSE, FINE = 4, 7
"""Patches in a row and in a column: a first look, and a closer one."""

_Picture = Pillow.Image
_KEPT_SHARE = 0.9
_BLUR_SHARE = 0.005


@dataclass(frozen=True, slots=True)
class Alteration:
    """One change. `key` names it where answers are kept, `words` on a page.

    `jpeg_quality` is set where saving the picture as such a JPEG is the change, or part of it.
    """

    key: str
    words: str
    change: Callable[[_Picture], _Picture] = field(repr=False, compare=False)
    jpeg_quality: int | None = None


def open_picture(prepared: PreparedImage) -> Decoded:
    """The whole picture of an image, to be altered."""
    with Pillow.open(io.BytesIO(prepared.content)) as picture:
        pixels = picture.convert("L" if picture.mode in ("1", "L") else "RGB")
        profile = find_profile(picture, pixels.mode)
    return Decoded(pixels, pixels.size, prepared.image.media_type, profile, ())


def alter_image(image: Image, picture: Decoded, alteration: Alteration, sent_bytes: int) -> PreparedImage:
    """The image with its `picture` altered, saved as it was itself; it has no thumbnail.

    Raises UnusableImage where it cannot be brought under `sent_bytes`.
    """
    altered = replace(picture, pixels=alteration.change(picture.pixels))
    saved = _save(altered, alteration.jpeg_quality, sent_bytes)
    width, height = saved.size_px
    known = replace(
        image,
        sha256=hashlib.sha256(saved.content).hexdigest(),
        media_type=saved.media_type,
        width_px=width,
        height_px=height,
        size_bytes=len(saved.content),
        steps=(*image.steps, alteration.words),
    )
    return PreparedImage(known, saved.content, thumbnail=b"")


def find_patches(grid: int) -> tuple[Alteration, ...]:
    """Alterations that hide one patch each, of `grid` x `grid`, row by row from the top left."""
    places = ((row, column) for row in range(grid) for column in range(grid))
    return tuple(_hide(grid, row, column) for row, column in places)


def patch_key(grid: int, row: int, column: int) -> str:
    """Key of the alteration that hides this patch; rows and columns count from 0."""
    return f"hidden {grid} {row} {column}"


def _save(picture: Decoded, jpeg_quality: int | None, sent_bytes: int) -> Encoded:
    if jpeg_quality is None:
        return encode(picture, sent_bytes)
    content = save_jpeg(picture.pixels, jpeg_quality, picture.profile)
    return Encoded(content, "image/jpeg", picture.pixels.size)


def _hide(grid: int, row: int, column: int) -> Alteration:
    def change(picture: _Picture) -> _Picture:
        left, right = _ends(picture.width, grid, column)
        top, bottom = _ends(picture.height, grid, row)
        hidden = picture.copy()
        hidden.paste(_mean_colour(picture), (left, top, right, bottom))
        return hidden

    return Alteration(patch_key(grid, row, column), f"Hidden: row {row + 1}, column {column + 1} of {grid}", change)


def _ends(side_px: int, grid: int, place: int) -> tuple[int, int]:
    return place * side_px // grid, (place + 1) * side_px // grid


def _rotate(degrees: float) -> Alteration:
    def change(picture: _Picture) -> _Picture:
        # Black corners would be something new to see; the mean colour says least.
        return picture.rotate(-degrees, Pillow.Resampling.BILINEAR, fillcolor=_mean_colour(picture))

    return Alteration(f"rotated {degrees:g}", f"Turned by {degrees:g}°", change)


def _brighten(percent: int) -> Alteration:
    def change(picture: _Picture) -> _Picture:
        return ImageEnhance.Brightness(picture).enhance(1 + percent / 100)

    words = f"{'Brighter' if percent > 0 else 'Darker'} by {abs(percent)} %"
    return Alteration(f"brightness {percent:+d}", words, change)


def _blur(picture: _Picture) -> _Picture:
    return picture.filter(ImageFilter.GaussianBlur(_BLUR_SHARE * min(picture.size)))


def _crop(picture: _Picture) -> _Picture:
    width, height = (max(1, round(_KEPT_SHARE * side)) for side in picture.size)
    left, top = (picture.width - width) // 2, (picture.height - height) // 2
    return picture.crop((left, top, left + width, top + height))


def _compress(quality: int) -> Alteration:
    return Alteration(f"jpeg {quality}", f"JPEG of quality {quality}", lambda picture: picture, quality)


def _mean_colour(picture: _Picture) -> int | tuple[int, ...]:
    colour = picture.resize((1, 1), Pillow.Resampling.BOX).getpixel((0, 0))
    return tuple(map(int, colour)) if isinstance(colour, tuple) else int(colour or 0)


EVERYDAY = (
    _rotate(5),
    _rotate(15),
    _brighten(-40),
    _brighten(-20),
    _brighten(20),
    _brighten(40),
    Alteration("blurred", "Blurred", _blur),
    _compress(70),
    _compress(50),
    _compress(30),
    Alteration("cropped 90", "Cropped to 90 %", _crop),
)
"""What happens to photographs every day, from the next snapshot to a messenger's compression."""
