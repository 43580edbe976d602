"""Perturbations, measured on images of known colors."""

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from lib.domain.images import ImageLimits, PreparedImage
from lib.errors import UnusableImage
from lib.images.image_workers import ImageWorkers
from lib.images.perturbations import (
    COARSE,
    EVERYDAY,
    FINE,
    Perturbation,
    find_patches,
    open_picture,
    patch_key,
    perturb_picture,
)
from lib.images.preparation import prepare_image

Color = int | tuple[int, ...]
GRAY_100, PLENTY = (100, 100, 100), 30 << 20


def make_picture(
    size: tuple[int, int] = (200, 100), paint: Callable[[Image.Image], object] | None = None
) -> Image.Image:
    picture = Image.new("RGB", size, GRAY_100)
    if paint:
        paint(picture)
    return picture


def prepare(picture: Image.Image, kind: str = "PNG") -> PreparedImage:
    stream = io.BytesIO()
    picture.save(stream, kind, quality=95)
    return prepare_image(stream.getvalue(), "a file", ImageLimits())


def alter(prepared: PreparedImage, perturbation: Perturbation) -> Image.Image:
    picture = open_picture(prepared.content, prepared.image.media_type)
    altered = perturb_picture(picture, perturbation.key, PLENTY)
    return Image.open(io.BytesIO(altered.content))


def find(key: str) -> Perturbation:
    return next(perturbation for perturbation in EVERYDAY if perturbation.key == key)


def color_at(picture: Image.Image, place: tuple[int, int]) -> Color:
    found = picture.getpixel(place)
    assert isinstance(found, int | tuple)
    return found


@pytest.mark.parametrize(("key", "gray"), [("brightness -40", 60), ("brightness -20", 80), ("brightness +20", 120)])
def test_brightness_changes_by_the_given_percentage(key: str, gray: int) -> None:
    assert color_at(alter(prepare(make_picture()), find(key)), (5, 5)) == (gray, gray, gray)


def test_brightness_stops_at_white() -> None:
    white = Image.new("RGB", (10, 10), (200, 200, 200))

    assert color_at(alter(prepare(white), find("brightness +40")), (5, 5)) == (255, 255, 255)


@pytest.mark.parametrize(("key", "corner"), [("rotated 5", (2, 2)), ("rotated 15", (2, 2))])
def test_rotation_keeps_the_size_and_fills_corners_with_the_mean_color(key: str, corner: tuple[int, int]) -> None:
    # Half black, half white: the mean is a gray of 127 or 128.
    half = make_picture(paint=lambda picture: picture.paste("black", (0, 0, 100, 100)))
    half.paste("white", (100, 0, 200, 100))

    turned = alter(prepare(half), find(key))

    assert turned.size == (200, 100)
    red, *_ = color_at(turned, corner)  # type: ignore[misc]
    assert red in (127, 128)


def test_rotation_is_clockwise() -> None:
    # A dot straight above the middle goes to the right when the picture turns clockwise.
    dotted = make_picture((201, 201), lambda picture: picture.paste("white", (95, 5, 106, 16)))

    turned = np.asarray(alter(prepare(dotted), find("rotated 15")).convert("L"))

    _, column = np.unravel_index(int(turned.argmax()), turned.shape)
    assert column > 110


def test_cropping_keeps_the_middle_ninety_percent_of_both_sides() -> None:
    framed = make_picture((200, 100), lambda picture: picture.paste("red", (10, 5, 190, 95)))

    cropped = alter(prepare(framed), find("cropped 90"))

    assert cropped.size == (180, 90)
    assert {color_at(cropped, place) for place in ((0, 0), (179, 0), (0, 89), (179, 89))} == {(255, 0, 0)}


def test_blur_changes_only_pixels_near_an_edge() -> None:
    split = make_picture((400, 400), lambda picture: picture.paste("black", (0, 0, 200, 400)))

    blurred = alter(prepare(split), find("blurred")).convert("L")

    assert 0 < blurred.getpixel((200, 200)) < 100  # type: ignore[operator]
    assert (blurred.getpixel((100, 200)), blurred.getpixel((300, 200))) == (0, 100)


def test_a_lower_jpeg_quality_makes_a_smaller_jpeg_even_of_a_png() -> None:
    prepared = prepare(Image.effect_noise((200, 100), 80).convert("RGB"))
    picture = open_picture(prepared.content, prepared.image.media_type)

    found = [perturb_picture(picture, f"jpeg {quality}", PLENTY) for quality in (70, 50, 30)]

    sizes = [len(each.content) for each in found]
    assert sizes == sorted(sizes, reverse=True)
    assert {each.media_type for each in found} == {"image/jpeg"}


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_perturbed_image_keeps_its_file_format(kind: str, images: ImageWorkers) -> None:
    prepared = prepare(make_picture(), kind)

    altered = images.perturb(prepared, find("brightness -20"), PLENTY)

    assert altered.image.media_type == prepared.image.media_type == f"image/{kind.lower()}"
    assert altered.image.sha256 != prepared.image.sha256
    assert altered.image.steps == ("Darker by 20%",)


@pytest.mark.parametrize("grid", [COARSE, FINE])
def test_patches_cover_every_pixel_exactly_once(grid: int) -> None:
    # Black and white, so that no pixel has the mean color before; 200 x 100 is not divisible by 7.
    half = make_picture(paint=lambda picture: picture.paste("black", (0, 0, 100, 100)))
    half.paste("white", (100, 0, 200, 100))
    prepared = prepare(half)
    before = np.asarray(half)

    changes = [(np.asarray(alter(prepared, patch)) != before).any(axis=2) for patch in find_patches(grid)]

    assert (np.sum(changes, axis=0) == 1).all()


def test_a_hidden_patch_has_the_mean_color_and_other_pixels_do_not_change() -> None:
    # Three quarters black, one white: the mean is 63.75.
    quarter = Image.new("RGB", (80, 80), "black")
    quarter.paste("white", (0, 0, 40, 40))

    (first, *_) = find_patches(4)
    hidden = alter(prepare(quarter), first)

    assert color_at(hidden, (0, 0)) == color_at(hidden, (19, 19)) == (64, 64, 64)
    assert color_at(hidden, (20, 0)) == color_at(hidden, (0, 20)) == (255, 255, 255)
    assert color_at(hidden, (79, 79)) == (0, 0, 0)


def test_patches_are_identified_by_grid_row_and_column() -> None:
    keys = [patch.key for patch in find_patches(4)]

    assert keys[0] == patch_key(4, 0, 0)
    assert keys[6] == patch_key(4, 1, 2)
    assert len({*keys, *(patch.key for patch in find_patches(7)), *(each.key for each in EVERYDAY)}) == 16 + 49 + 11


@pytest.mark.parametrize("mode", ["L", "P", "1"])
def test_gray_and_indexed_images_are_perturbed(mode: str) -> None:
    prepared = prepare(make_picture().convert(mode))

    assert {alter(prepared, perturbation).size[1] for perturbation in EVERYDAY} == {100, 90}


def test_a_perturbed_image_that_exceeds_the_size_limit_is_rejected(images: ImageWorkers) -> None:
    prepared = prepare(Image.effect_noise((200, 100), 80).convert("RGB"))

    with pytest.raises(UnusableImage, match="cannot be made smaller than"):
        images.perturb(prepared, find("brightness -20"), 10)
