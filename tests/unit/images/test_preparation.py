import hashlib
import struct
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image

from lib.domain.images import ImageLimits
from lib.images.preparation import prepare_image
from tests.builders.image_files import (
    BLUE,
    RED,
    WHITE,
    get_color,
    make_corner,
    make_exif,
    make_file,
    make_frames,
    make_heic,
    make_jpeg,
    make_picture,
    make_png,
    make_profile,
    open_sent,
)

LIMITS = ImageLimits()
# An EXIF block that ends before the 1000 letters of its only tag: maker of the camera, at offset 5000.
BROKEN_EXIF = b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<HHHII", 1, 0x010F, 2, 1000, 5000) + bytes(4)


def about(color: tuple[int, ...]) -> object:
    """JPEG and HEIC keep colors nearly."""
    return pytest.approx(color, abs=8)


@pytest.mark.parametrize(
    "content",
    [
        make_jpeg(),
        make_jpeg(progressive=True),
        make_jpeg(make_picture().convert("L")),
        make_jpeg(icc_profile=make_profile()),
        make_file("PNG"),
        make_file("PNG", make_picture().convert("L")),
        make_file("PNG", make_picture().convert("P")),
        make_file("PNG", make_picture().convert("1")),
        make_file("PNG", make_picture().convert("RGBA")),
        make_jpeg(make_picture((1, 1))),
    ],
    ids=[
        *("jpeg", "progressive", "gray jpeg", "sRGB"),
        *("png", "gray png", "palette", "one bit", "opaque alpha", "one pixel"),
    ],
)
def test_an_upright_jpeg_or_png_is_sent_unchanged(content: bytes) -> None:
    prepared = prepare_image(content, "a.jpg", LIMITS)

    assert prepared.content == content
    assert prepared.image.steps == ()


@pytest.mark.parametrize(
    "content",
    [
        make_jpeg(exif=make_exif(orientation=1)),
        make_jpeg(exif=BROKEN_EXIF),
        make_jpeg(exif=b"Exif\0\0no EXIF at all"),
        make_file("MPO", save_all=True, append_images=[make_picture()], quality=95, subsampling=0),
    ],
    ids=["upright", "broken exif", "senseless exif", "mpo"],
)
def test_an_upright_jpeg_is_sent_unchanged_except_for_metadata(content: bytes) -> None:
    prepared = prepare_image(content, "a.jpg", LIMITS)

    assert prepared.content == make_jpeg()
    assert prepared.image.steps == ()


def test_image_properties_describe_the_bytes_that_are_sent() -> None:
    prepared = prepare_image(make_jpeg(exif=make_exif(orientation=6)), "../<b>.jpg", LIMITS)

    assert prepared.image.sha256 == hashlib.sha256(prepared.content).hexdigest()
    assert prepared.image.size_bytes == len(prepared.content)
    assert prepared.image.name == "../<b>.jpg"
    assert prepared.image.media_type == "image/jpeg"


def test_making_a_thumbnail_does_not_shrink_a_large_jpeg() -> None:
    prepared = prepare_image(make_jpeg(make_picture((2000, 1500))), "a.jpg", LIMITS)

    assert (prepared.image.width_px, prepared.image.height_px) == (2000, 1500)


def test_the_format_comes_from_the_content_and_not_the_file_name() -> None:
    prepared = prepare_image(make_file("PNG"), "photo.jpg", LIMITS)

    assert prepared.image.media_type == "image/png"


# Where the first row and the first column of the file belong, by orientation: Exif 2.32, tag 0x0112. For 6, the first
# row is the right side and the first column the top, so that their corner, the red one, is on the top right.
@pytest.mark.parametrize(
    ("orientation", "red", "size"),
    [
        (2, (28, 3), (32, 16)),
        (3, (28, 12), (32, 16)),
        (4, (3, 12), (32, 16)),
        (5, (3, 3), (16, 32)),
        (6, (12, 3), (16, 32)),
        (7, (12, 28), (16, 32)),
        (8, (3, 28), (16, 32)),
    ],
)
@pytest.mark.parametrize("format_name", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_a_photograph_is_rotated_by_its_exif_orientation(
    format_name: str, orientation: int, red: tuple[int, int], size: tuple[int, int]
) -> None:
    content = make_file(format_name, make_corner(), exif=make_exif(orientation))

    prepared = prepare_image(content, "a", LIMITS)

    upright = open_sent(prepared.content)
    assert upright.size == (prepared.image.width_px, prepared.image.height_px) == size
    assert get_color(prepared.content, red) == pytest.approx(RED, abs=40)
    assert f"Turned upright (EXIF orientation {orientation})" in prepared.image.steps


def test_a_heic_photograph_is_upright() -> None:
    content = make_heic(make_corner((128, 64)), exif=make_exif(orientation=6).tobytes())

    prepared = prepare_image(content, "a.heic", LIMITS)

    assert (prepared.image.width_px, prepared.image.height_px) == (64, 128)
    assert get_color(prepared.content, (48, 16)) == about(RED)


def test_a_portrait_photograph_is_rotated_in_the_right_direction() -> None:
    content = make_jpeg(make_picture((32, 16), left=RED, right=BLUE), exif=make_exif(orientation=6))

    prepared = prepare_image(content, "a.jpg", LIMITS)

    assert get_color(prepared.content, (8, 4)) == about(RED)
    assert get_color(prepared.content, (8, 28)) == about(BLUE)
    assert prepared.image.steps == ("Turned upright (EXIF orientation 6)",)


def test_a_file_that_is_saved_again_has_no_metadata() -> None:
    prepared = prepare_image(make_jpeg(exif=make_exif(orientation=3), comment=b"at home"), "a.jpg", LIMITS)

    sent = open_sent(prepared.content)
    assert not sent.getexif()
    assert "comment" not in sent.info


def test_a_file_that_is_saved_again_keeps_its_color_profile() -> None:
    content = make_jpeg(exif=make_exif(orientation=3), icc_profile=make_profile())

    prepared = prepare_image(content, "a.jpg", LIMITS)

    assert open_sent(prepared.content).info["icc_profile"] == make_profile()


def test_a_profile_of_a_different_color_mode_is_removed() -> None:
    content = make_jpeg(make_picture().convert("L"), exif=make_exif(orientation=3), icc_profile=make_profile())

    prepared = prepare_image(content, "a.jpg", LIMITS)

    assert "icc_profile" not in open_sent(prepared.content).info


@pytest.mark.parametrize(
    ("content", "step"),
    [
        (make_file("TIFF"), "Converted from TIFF to PNG"),
        (make_file("TIFF", compression="tiff_lzw"), "Converted from TIFF to PNG"),
        (make_file("BMP"), "Converted from BMP to PNG"),
        (make_file("GIF"), "Converted from GIF to PNG"),
        (make_file("WEBP", lossless=True), "Converted from WebP to PNG"),
    ],
)
def test_a_lossless_format_becomes_a_png_with_the_same_pixels(content: bytes, step: str) -> None:
    prepared = prepare_image(content, "a", LIMITS)

    assert prepared.image.media_type == "image/png"
    assert prepared.image.steps == (step,)
    assert open_sent(prepared.content).convert("RGB").tobytes() == make_picture().tobytes()


@pytest.mark.parametrize(
    ("content", "step"),
    [
        (make_heic(make_picture((64, 64))), "Converted from HEIC to JPEG"),
        (make_file("WEBP", make_picture((64, 64)), quality=90), "Converted from WebP to JPEG"),
    ],
)
def test_a_lossy_format_becomes_a_jpeg(content: bytes, step: str) -> None:
    prepared = prepare_image(content, "a", LIMITS)

    assert prepared.image.media_type == "image/jpeg"
    assert prepared.image.steps == (step,)
    assert get_color(prepared.content, (10, 10)) == about(RED)
    assert get_color(prepared.content, (54, 54)) == about(BLUE)


@pytest.mark.parametrize(
    ("format_name", "step"),
    [
        ("GIF", "First of 3 frames"),
        ("WEBP", "First of 3 frames"),
        ("PNG", "First of 3 frames"),
        ("TIFF", "First of several pages"),
    ],
)
def test_the_first_of_several_frames_is_sent(format_name: str, step: str) -> None:
    prepared = prepare_image(make_frames(format_name), "a", LIMITS)

    assert prepared.image.steps[0] == step
    assert get_color(prepared.content, (4, 8)) == about(RED)
    assert getattr(open_sent(prepared.content), "n_frames", 1) == 1


def make_half_clear(mode: str) -> Image.Image:
    """Red on the left, and on the right a clear pixel that hides blue."""
    picture = make_picture().convert("RGBA")
    picture.putalpha(make_picture(left=WHITE, right=(0, 0, 0)).convert("L"))
    return picture.convert(mode)


@pytest.mark.parametrize(
    "content",
    [
        make_file("PNG", make_half_clear("RGBA")),
        make_file("GIF", make_half_clear("RGBA")),
        make_file("TIFF", make_half_clear("RGBA")),
        make_file("WEBP", make_half_clear("RGBA"), lossless=True),
        make_file("PNG", make_half_clear("RGBA").quantize(4)),
        make_file("PNG", transparency=BLUE),
    ],
    ids=["png", "gif", "tiff", "webp", "palette", "clear color"],
)
def test_transparent_pixels_are_sent_as_white(content: bytes) -> None:
    prepared = prepare_image(content, "a", LIMITS)

    assert get_color(prepared.content, (4, 8)) == RED
    assert get_color(prepared.content, (28, 8)) == WHITE
    assert open_sent(prepared.content).mode == "RGB"
    assert "Transparent parts put on white" in prepared.image.steps


def test_semitransparent_pixels_are_blended_with_white() -> None:
    content = make_file("PNG", Image.new("RGBA", (4, 4), (255, 0, 0, 51)))

    prepared = prepare_image(content, "a.png", LIMITS)

    # 51 / 255 = 0.2 of red, and 0.8 of white: green and blue are 0.8 * 255 = 204.
    assert get_color(prepared.content, (0, 0)) == pytest.approx((255, 204, 204), abs=1)


def test_a_cmyk_jpeg_is_converted_to_rgb() -> None:
    # No cyan, all magenta, all yellow, no black: red. Pillow writes it as Adobe's programs do, inverted.
    content = make_jpeg(Image.new("CMYK", (16, 16), (0, 255, 255, 0)))

    prepared = prepare_image(content, "a.jpg", LIMITS)

    assert get_color(prepared.content, (8, 8)) == about(RED)
    assert prepared.image.steps == ("Converted from CMYK to RGB",)


def test_16_bit_gray_is_scaled_and_not_clipped() -> None:
    # 65535 / 257 = 255, 128 * 257 = 32896.
    content = make_png((4, 1), b"\0" + struct.pack(">4H", 0, 257, 32896, 65535), depth=16)

    prepared = prepare_image(content, "a.png", LIMITS)

    assert open_sent(prepared.content).tobytes() == bytes([0, 1, 128, 255])
    assert prepared.image.steps == ("Reduced from 16 to 8 bits",)


def test_16_bit_colors_are_scaled_and_not_clipped() -> None:
    content = make_png((1, 1), b"\0" + struct.pack(">3H", 65535, 32896, 0), depth=16, color_type=2)

    prepared = prepare_image(content, "a.png", LIMITS)

    assert get_color(prepared.content, (0, 0)) == (255, 128, 0)
    assert prepared.image.steps == ("Reduced from 16 to 8 bits",)


def test_concurrent_threads_get_the_same_result_as_one() -> None:
    contents = [make_jpeg(), make_heic(), make_frames("GIF"), make_jpeg(exif=BROKEN_EXIF)] * 8

    with ThreadPoolExecutor(8) as threads:
        prepared = list(threads.map(lambda content: prepare_image(content, "a", LIMITS), contents))

    assert prepared == [prepare_image(content, "a", LIMITS) for content in contents]
