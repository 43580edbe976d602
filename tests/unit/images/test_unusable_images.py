"""Any uploaded file becomes an image or an actionable error message."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.domain.images import ImageLimits
from lib.errors import UnusableImage
from lib.images.preparation import prepare_image
from tests.builders.image_files import (
    make_exif,
    make_file,
    make_frames,
    make_heic,
    make_huge_png,
    make_jpeg,
    make_noise,
    make_picture,
    make_png,
)

LIMITS = ImageLimits()
FILES = {
    "jpeg": make_jpeg(exif=make_exif(orientation=6)),
    "cmyk": make_jpeg(make_picture().convert("CMYK")),
    "mpo": make_frames("MPO"),
    "png": make_file("PNG", make_picture().convert("RGBA"), exif=make_exif(orientation=6)),
    "apng": make_frames("PNG"),
    "gif": make_frames("GIF"),
    "webp": make_frames("WEBP"),
    "bmp": make_file("BMP"),
    "tiff": make_frames("TIFF"),
    "heic": make_heic(),
}
every_format = pytest.mark.parametrize("content", FILES.values(), ids=FILES.keys())


def test_an_empty_file_is_rejected() -> None:
    with pytest.raises(UnusableImage, match="The file is empty"):
        prepare_image(b"", "a.jpg", LIMITS)


@pytest.mark.parametrize(
    "content",
    [
        b"BMW, Audi and others",
        b"%PDF-1.7\n1 0 obj",
        b'<svg xmlns="http://www.w3.org/2000/svg"/>',
        b"<!doctype html><title>Not found</title>",
        b"\0" * 1000,
    ],
    ids=["text", "pdf", "svg", "web page", "zeros"],
)
def test_a_file_that_is_not_an_image_is_rejected_regardless_of_its_name(content: bytes) -> None:
    with pytest.raises(UnusableImage, match="not an image that can be read: upload a JPEG, PNG"):
        prepare_image(content, "photo.jpg", LIMITS)


@pytest.mark.parametrize(
    "content",
    [
        *(make_file(name, make_noise((64, 64))) for name in ("PNG", "GIF", "WEBP", "BMP", "TIFF")),
        make_heic(),
        make_jpeg(),
    ],
    ids=["png", "gif", "webp", "bmp", "tiff", "heic", "jpeg"],
)
def test_a_truncated_file_is_rejected(content: bytes) -> None:
    with pytest.raises(UnusableImage, match=r"damaged or incomplete\. Export it again"):
        prepare_image(content[: len(content) // 2], "a", LIMITS)


@pytest.mark.parametrize("missing_bytes", [3, 100, 50_000])
def test_a_partially_uploaded_photograph_is_rejected(missing_bytes: int) -> None:
    content = make_jpeg(make_noise((1600, 1200)))

    with pytest.raises(UnusableImage, match="damaged or incomplete"):
        prepare_image(content[:-missing_bytes], "a.jpg", LIMITS)


def test_a_png_with_a_bit_error_is_rejected() -> None:
    content = bytearray(make_file("PNG", make_noise()))
    content[len(content) // 2] ^= 1

    with pytest.raises(UnusableImage, match="damaged or incomplete"):
        prepare_image(bytes(content), "a.png", LIMITS)


def test_an_image_without_pixels_is_rejected() -> None:
    with pytest.raises(UnusableImage, match="damaged or incomplete"):
        prepare_image(make_png((0, 0), b""), "a.png", LIMITS)


def test_a_32_bit_image_is_rejected_because_its_white_level_is_unknown() -> None:
    content = make_file("TIFF", make_picture().convert("F"))

    with pytest.raises(UnusableImage, match="Export it with 8 or 16 bits"):
        prepare_image(content, "a.tiff", LIMITS)


def test_a_file_over_the_size_limit_is_rejected() -> None:
    limits = ImageLimits(upload_bytes=3 << 20)

    with pytest.raises(UnusableImage, match=r"The file has more than 3 MB\. Save it smaller"):
        prepare_image(bytes((3 << 20) + 1), "a.jpg", limits)


def test_a_file_at_the_size_limit_is_accepted() -> None:
    content = make_jpeg()

    prepared = prepare_image(content, "a.jpg", ImageLimits(upload_bytes=len(content)))

    assert prepared.content == content


# 81 megapixels are more than we take, 100 more than Pillow warns of, 196 more than Pillow opens.
@pytest.mark.parametrize("side_px", [9_000, 10_000, 14_000])
def test_a_small_file_with_too_many_pixels_is_rejected(side_px: int) -> None:
    with pytest.raises(UnusableImage, match=r"more than 50 megapixels\. Save it with fewer pixels"):
        prepare_image(make_huge_png(side_px), "a.png", LIMITS)


def test_an_image_with_too_many_pixels_is_rejected_by_its_header() -> None:
    without_pixels = make_png((9_000, 9_000), b"")

    with pytest.raises(UnusableImage, match="more than 50 megapixels"):
        prepare_image(without_pixels, "a.png", LIMITS)


@every_format
def test_the_pixels_of_every_format_are_counted(content: bytes) -> None:
    with pytest.raises(UnusableImage, match=r"more than 0\.0005 megapixels"):
        prepare_image(content, "a", ImageLimits(upload_pixels=500))


@given(content=st.binary(max_size=200), start=st.sampled_from([b"", *(content[:16] for content in FILES.values())]))
def test_bytes_that_start_like_an_image_are_decoded_or_rejected(start: bytes, content: bytes) -> None:
    with suppress(UnusableImage):
        prepare_image(start + content, "a", LIMITS)


@settings(max_examples=300)
@given(
    content=st.sampled_from(list(FILES.values())),
    place=st.floats(0, 1, exclude_max=True),
    damage=st.binary(min_size=1, max_size=8),
    kept=st.floats(0.5, 1),
)
def test_damaged_files_are_decoded_or_rejected(content: bytes, place: float, damage: bytes, kept: float) -> None:
    damaged = bytearray(content)
    position = int(place * len(damaged))
    damaged[position : position + len(damage)] = damage

    with suppress(UnusableImage):
        prepare_image(bytes(damaged[: int(kept * len(damaged))]), "a", LIMITS)
