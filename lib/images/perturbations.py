"""Perturbations: edits that do not change what a picture shows. They test how robust predictions are, and saliency."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache

from PIL import Image as Pillow
from PIL import ImageEnhance, ImageFilter

from lib.domain.images import ImageLimits
from lib.images.decoding import Decoded, decode
from lib.images.encoding import Encoded, encode, save_jpeg

COARSE, FINE = 4, 7
"""Numbers of patches per row and column for saliency: a fast map and a detailed one."""

_Picture = Pillow.Image
_KEPT_SHARE = 0.9
_BLUR_SHARE = 0.005


@dataclass(frozen=True, slots=True)
class Perturbation:
    """One edit. `key` names it in the store, `description` on pages.

    With `jpeg_quality`, the picture is saved as a JPEG of that quality.
    """

    key: str
    description: str
    change: Callable[[_Picture], _Picture] = field(repr=False, compare=False)
    jpeg_quality: int | None = None


def open_picture(content: bytes, media_type: str) -> Decoded:
    """Return the picture of an image, to be perturbed and saved as `media_type`. Raises UnusableImage."""
    return replace(decode(content, ImageLimits()), media_type=media_type, steps=())


def perturb_picture(picture: Decoded, key: str, sent_bytes: int) -> Encoded:
    """Return the picture with the perturbation of this key, saved in the same format.

    Raises UnusableImage if it cannot be made smaller than `sent_bytes`, and KeyError for an unknown key.
    """
    perturbation = find_perturbation(key)
    perturbed = replace(picture, pixels=perturbation.change(picture.pixels))
    return _save(perturbed, perturbation.jpeg_quality, sent_bytes)


def find_patches(grid: int) -> tuple[Perturbation, ...]:
    """Return the perturbations that each hide one of `grid` x `grid` patches, row by row from the top left."""
    patches = ((row, column) for row in range(grid) for column in range(grid))
    return tuple(_hide(grid, row, column) for row, column in patches)


def patch_key(grid: int, row: int, column: int) -> str:
    """Return the key of the perturbation that hides a patch. Rows and columns count from 0."""
    return f"hidden {grid} {row} {column}"


@lru_cache
def _all_perturbations() -> dict[str, Perturbation]:
    found = (*EVERYDAY, *find_patches(COARSE), *find_patches(FINE))
    return {perturbation.key: perturbation for perturbation in found}


def find_perturbation(key: str) -> Perturbation:
    """Return the perturbation with this key. Raises KeyError."""
    return _all_perturbations()[key]


def _save(picture: Decoded, jpeg_quality: int | None, sent_bytes: int) -> Encoded:
    if jpeg_quality is None:
        return encode(picture, sent_bytes)
    content = save_jpeg(picture.pixels, jpeg_quality, picture.profile)
    return Encoded(content, "image/jpeg", picture.pixels.size)


def _hide(grid: int, row: int, column: int) -> Perturbation:
    def change(picture: _Picture) -> _Picture:
        left, right = _ends(picture.width, grid, column)
        top, bottom = _ends(picture.height, grid, row)
        hidden = picture.copy()
        hidden.paste(_mean_color(picture), (left, top, right, bottom))
        return hidden

    return Perturbation(patch_key(grid, row, column), f"Hidden: row {row + 1}, column {column + 1} of {grid}", change)


def _ends(side_px: int, grid: int, index: int) -> tuple[int, int]:
    return index * side_px // grid, (index + 1) * side_px // grid


def _rotate(degrees: float) -> Perturbation:
    def change(picture: _Picture) -> _Picture:
        # Black corners would add content. The mean color adds the least.
        return picture.rotate(-degrees, Pillow.Resampling.BILINEAR, fillcolor=_mean_color(picture))

    return Perturbation(f"rotated {degrees:g}", f"Rotated by {degrees:g}°", change)


def _brighten(percent: int) -> Perturbation:
    def change(picture: _Picture) -> _Picture:
        return ImageEnhance.Brightness(picture).enhance(1 + percent / 100)

    description = f"{'Brighter' if percent > 0 else 'Darker'} by {abs(percent)}%"
    return Perturbation(f"brightness {percent:+d}", description, change)


def _blur(picture: _Picture) -> _Picture:
    return picture.filter(ImageFilter.GaussianBlur(_BLUR_SHARE * min(picture.size)))


def _crop(picture: _Picture) -> _Picture:
    width, height = (max(1, round(_KEPT_SHARE * side)) for side in picture.size)
    left, top = (picture.width - width) // 2, (picture.height - height) // 2
    return picture.crop((left, top, left + width, top + height))


def _compress(quality: int) -> Perturbation:
    return Perturbation(f"jpeg {quality}", f"JPEG of quality {quality}", lambda picture: picture, quality)


def _mean_color(picture: _Picture) -> int | tuple[int, ...]:
    color = picture.resize((1, 1), Pillow.Resampling.BOX).getpixel((0, 0))
    return tuple(map(int, color)) if isinstance(color, tuple) else int(color or 0)


EVERYDAY = (
    _rotate(5),
    _rotate(15),
    _brighten(-40),
    _brighten(-20),
    _brighten(20),
    _brighten(40),
    Perturbation("blurred", "Blurred", _blur),
    _compress(70),
    _compress(50),
    _compress(30),
    Perturbation("cropped 90", "Cropped to 90%", _crop),
)
"""Small edits as photographs get them every day, such as another exposure or a messenger's compression."""
