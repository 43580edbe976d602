"""Image bytes as a network's input."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from lib.serving.models.networks import Network
from lib.serving.pictures import MAX_IMAGE_BYTES, read_picture
from lib.serving.refusals import Refused
from tests.serving.make_exports import make_picture

FIELD = "payload.image.image_bytes"


def make_wanted(*, width_px: int = 4, height_px: int = 2) -> Network:
    """A network that wants pictures of this kind."""
    return Network(width_px, height_px, 3, multi_label=False)


def make_png_header(width_px: int, height_px: int) -> bytes:
    """The start of a PNG that claims a size and holds no pixels."""
    chunk = b"IHDR" + struct.pack(">IIBBBBB", width_px, height_px, 8, 2, 0, 0, 0)
    end = b"\x00\x00\x00\x00IDAT" + struct.pack(">I", zlib.crc32(b"IDAT"))
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk)) + end


def make_turned(orientation: int) -> bytes:
    """A JPEG of 8 x 8 whose left half is black and right half white, to be shown turned."""
    pixels = np.zeros((8, 8, 3), np.uint8)
    pixels[:, 4:] = 255
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", exif=exif, quality=100)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "GIF", "BMP", "WEBP", "TIFF"])
def test_a_picture_is_raw_rgb_of_the_network_s_size(kind: str) -> None:
    picture = read_picture(make_picture("#ff0000", kind=kind), make_wanted())

    assert (picture.shape, picture.dtype.name) == ((1, 2, 4, 3), "uint8")
    assert picture.reshape(-1, 3).tolist() == [[255, 0, 0]] * 8


def test_a_picture_is_stretched_and_not_cropped() -> None:
    wide = Image.new("RGB", (100, 10))
    wide.paste("white", (50, 0, 100, 10))
    file = io.BytesIO()
    wide.save(file, "PNG")

    picture = read_picture(file.getvalue(), make_wanted(width_px=2, height_px=1))

    # Each half of the wide picture is one pixel; the bilinear filter lets at most a quarter of the other one through.
    assert picture[0, 0, 0, 0] < 64
    assert picture[0, 0, 1, 0] > 191


def test_pictures_are_not_turned_because_clients_do_that() -> None:
    upright = read_picture(make_turned(1), make_wanted(width_px=8, height_px=8))
    turned = read_picture(make_turned(6), make_wanted(width_px=8, height_px=8))

    assert turned.tolist() == upright.tolist()


def test_a_palette_with_transparent_colours_is_read() -> None:
    file = io.BytesIO()
    Image.new("P", (4, 4)).save(file, "PNG", transparency=b"\x00\x80")

    assert read_picture(file.getvalue(), make_wanted()).shape == (1, 2, 4, 3)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "empty"),
        (b"not an image", "not an image"),
        (b"%PDF-1.7", "not an image"),
        (make_picture()[:-30], "broken or not complete"),
        (make_turned(1)[:-20], "broken or not complete"),
        (make_png_header(10_000, 5_001), "10000 x 5001 pixels"),
        (make_png_header(10_000, 9_000), "50 million"),
        (make_png_header(60_000, 60_000), "too many pixels; the most is 50 million"),
        (bytes(MAX_IMAGE_BYTES + 1), "31457281 bytes; the most is 31457280"),
    ],
)
def test_what_is_not_a_usable_image_is_refused_by_its_field(content: bytes, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence) as caught:
        read_picture(content, make_wanted())

    assert caught.value.details[0].field_violations[0].field == FIELD
