"""Grayscale images of every bit depth are converted to 8 bits or rejected with a reason."""

import io

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from lib.domain.images import ImageLimits
from lib.errors import UnusableImage
from lib.images.preparation import prepare_image
from tests.builders.image_depths import make_jpeg_2000, make_tiff
from tests.builders.image_files import make_file, open_sent

LIMITS = ImageLimits()


def read_grays(content: bytes) -> list[int]:
    return list(open_sent(prepare_image(content, "a", LIMITS).content).tobytes())


# 2048 of 4095 are 127.53 of 255, 257 are 16.004; 32896 of 65535 are 128.
@pytest.mark.parametrize("width", [2, 3])
def test_a_tiff_of_12_bits_is_scaled_from_4095(width: int) -> None:
    content = make_tiff([[0, 2048, 4095][:width], [257, 4095, 0][:width]], 12)

    assert read_grays(content) == [*[0, 128, 255][:width], *[16, 255, 0][:width]]
    assert prepare_image(content, "a", LIMITS).image.steps[0] == "Reduced from 12 to 8 bits"


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_tiff_of_16_bits_is_scaled_from_65535(order: str) -> None:
    content = make_tiff([[0, 257, 32896, 65535]], 16, order)

    assert read_grays(content) == [0, 1, 128, 255]
    assert prepare_image(content, "a", LIMITS).image.steps[0] == "Reduced from 16 to 8 bits"


@pytest.mark.parametrize(("bits", "values"), [(1, [0, 1]), (4, [0, 15]), (8, [0, 255]), (16, [0, 65535])])
def test_a_white_is_zero_tiff_is_not_inverted(bits: int, values: list[int]) -> None:
    content = make_tiff([values], bits, t262=0)

    assert open_gray(content) == [255, 0]


def test_gray_values_of_a_white_is_zero_tiff_are_rounded() -> None:
    # 65535 - 32639 = 32896 = 128 * 257
    assert read_grays(make_tiff([[32639, 65278]], 16, t262=0)) == [128, 1]


def open_gray(content: bytes) -> list[int]:
    return list(open_sent(prepare_image(content, "a", LIMITS).content).convert("L").tobytes())


@pytest.mark.parametrize("bits", [1, 2, 4, 7, 8, 9, 10, 12, 14, 16])
def test_a_jpeg_2000_is_scaled_correctly_at_every_bit_depth(bits: int) -> None:
    most = (1 << bits) - 1
    grays = [0, most // 3, most]
    content = make_jpeg_2000([grays] * 3, bits)

    assert read_grays(content) == pytest.approx([value * 255 / most for value in grays] * 3, abs=0.51)
    expected = (f"Reduced from {bits} to 8 bits",) if bits > 8 else ()
    assert prepare_image(content, "a", LIMITS).image.steps == (*expected, "Converted from JPEG 2000 to PNG")


def test_a_10_bit_gray_heic_keeps_its_brightness() -> None:
    stream = io.BytesIO()
    pillow_heif.from_pillow(Image.fromarray(np.full((64, 64), 65535, np.uint16))).save(stream, quality=100)

    prepared = prepare_image(stream.getvalue(), "a", LIMITS)

    assert set(open_sent(prepared.content).convert("L").tobytes()) == {255}
    assert prepared.image.steps[0] == "Reduced from 10 to 8 bits"


@pytest.mark.parametrize("bits", [8, 16])
def test_signed_values_are_rejected_with_a_specific_reason(bits: int) -> None:
    with pytest.raises(UnusableImage, match=f"signed values of {bits} bits. Export it with unsigned values"):
        prepare_image(make_tiff([[0, 1]], bits, t339=2), "a", LIMITS)


@pytest.mark.parametrize(
    "content",
    [
        make_tiff([[0, 1, 2, 3]], 10),
        make_tiff([[0, 1, 2, 3]], 14),
        make_tiff([[0, 1, 2, 3]], 12, ">"),
        make_tiff([[0, 1, 2, 3]], 12, t262=0),
        make_tiff([[0, 1, 2, 3]], 16, ">", t262=0),
        make_tiff([[0, 1, 2, 3]], 16, t339=3),
        make_tiff([[0, 65535]], 16, t256=1, t277=2, t338=2),
    ],
    ids=["10", "14", "12 big-endian", "12 white is zero", "16 big-endian white is zero", "16 float", "16 alpha"],
)
def test_a_tiff_with_an_unsupported_pixel_format_is_not_reported_as_damaged(content: bytes) -> None:
    with pytest.raises(UnusableImage, match="kind of pixels that is not supported: export it as RGB with 8 bits"):
        prepare_image(content, "a", LIMITS)


def test_a_truncated_tiff_is_reported_as_damaged() -> None:
    content = make_file("TIFF", Image.new("I;16", (64, 64)))

    with pytest.raises(UnusableImage, match="damaged or incomplete"):
        prepare_image(content[: len(content) // 2], "a", LIMITS)
