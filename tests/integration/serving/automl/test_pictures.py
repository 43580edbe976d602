"""Image bytes as input of a model."""

import io

import numpy as np
import pytest
from PIL import Image

from lib.images.image_workers import ImageWorkers
from lib.serving.api_errors import ApiError
from lib.serving.models.networks import Network
from lib.serving.models.served_models import read_picture
from tests.builders.exports import make_picture
from tests.builders.image_files import make_png

FIELD = "payload.image.image_bytes"


def make_wanted(*, width_px: int = 4, height_px: int = 2) -> Network:
    """Return a model file that expects images of this size and type."""
    return Network(width_px, height_px, 3, multi_label=False)


def make_turned(orientation: int) -> bytes:
    """Return an 8 x 8 JPEG, black on the left and white on the right, with an orientation tag."""
    pixels = np.zeros((8, 8, 3), np.uint8)
    pixels[:, 4:] = 255
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", exif=exif, quality=100)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "GIF", "BMP", "WEBP", "TIFF"])
def test_an_image_becomes_raw_rgb_in_the_input_size_of_the_model(kind: str, images: ImageWorkers) -> None:
    picture = read_picture(make_picture("#ff0000", kind=kind), make_wanted(), images)

    assert (picture.shape, picture.dtype.name) == ((1, 2, 4, 3), "uint8")
    assert picture.reshape(-1, 3).tolist() == [[255, 0, 0]] * 8


def test_an_image_is_stretched_and_not_cropped(images: ImageWorkers) -> None:
    wide = Image.new("RGB", (100, 10))
    wide.paste("white", (50, 0, 100, 10))
    file = io.BytesIO()
    wide.save(file, "PNG")

    picture = read_picture(file.getvalue(), make_wanted(width_px=2, height_px=1), images)

    # Each half of the wide picture is one pixel; the bilinear filter lets at most a quarter of the other one through.
    assert picture[0, 0, 0, 0] < 64
    assert picture[0, 0, 1, 0] > 191


def test_the_exif_orientation_is_ignored(images: ImageWorkers) -> None:
    upright = read_picture(make_turned(1), make_wanted(width_px=8, height_px=8), images)
    turned = read_picture(make_turned(6), make_wanted(width_px=8, height_px=8), images)

    assert turned.tolist() == upright.tolist()


def test_an_image_with_a_transparent_palette_is_decoded(images: ImageWorkers) -> None:
    file = io.BytesIO()
    Image.new("P", (4, 4)).save(file, "PNG", transparency=b"\x00\x80")

    assert read_picture(file.getvalue(), make_wanted(), images).shape == (1, 2, 4, 3)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "empty"),
        (b"not an image", "not an image"),
        (b"%PDF-1.7", "not an image"),
        (make_picture()[:-30], "damaged or incomplete"),
        (make_turned(1)[:-20], "damaged or incomplete"),
        (make_png((10_000, 5_001), b""), "more than 50 megapixels"),
        (make_png((10_000, 9_000), b""), "more than 50 megapixels"),
        (make_png((60_000, 60_000), b""), "more than 50 megapixels"),
        (bytes((30 << 20) + 1), "more than 30 MB"),
    ],
)
def test_an_unusable_image_is_rejected_with_the_name_of_its_field(
    content: bytes, sentence: str, images: ImageWorkers
) -> None:
    with pytest.raises(ApiError, match=sentence) as caught:
        read_picture(content, make_wanted(), images)

    assert caught.value.details[0].field_violations[0].field == FIELD
