from pathlib import Path

import pytest
from PIL import Image

from lib.domain.images import ImageLimits
from lib.errors import UnusableImage
from lib.images.preparation import prepare_image
from tests.builders.image_files import make_exif, make_file, make_jpeg, make_noise, open_sent

PHOTOGRAPH = Path(__file__).parents[3] / "samples" / "alps.jpg"


def test_a_file_at_the_size_limit_is_sent_unchanged() -> None:
    content = make_jpeg()

    prepared = prepare_image(content, "a.jpg", ImageLimits(sent_bytes=len(content)))

    assert prepared.content == content


def test_a_jpeg_that_is_a_little_too_large_keeps_its_pixels() -> None:
    content = make_jpeg(make_noise(), quality=100)

    prepared = prepare_image(content, "a.jpg", ImageLimits(sent_bytes=len(content) - 1))

    assert open_sent(prepared.content).size == (256, 256)
    assert len(prepared.content) < len(content)
    assert prepared.image.steps[0].startswith("Saved as JPEG of quality 90, because the provider accepts at most")


def test_an_image_is_scaled_down_only_to_the_limit_of_the_provider() -> None:
    content = make_file("BMP", Image.open(PHOTOGRAPH))  # 1280 × 960

    prepared = prepare_image(content, "a.bmp", ImageLimits(sent_bytes=40 << 10))

    width, height = prepared.image.width_px, prepared.image.height_px
    assert 36 << 10 < len(prepared.content) <= 40 << 10
    assert width / height == pytest.approx(1280 / 960, rel=0.01)
    assert prepared.image.media_type == "image/jpeg"
    assert prepared.image.steps == (
        "Converted from BMP to PNG",
        f"Scaled down from 1280 × 960 to {width} × {height} px, because the provider accepts at most 40 kB",
    )


def test_a_limit_of_megabytes_is_named_in_megabytes() -> None:
    content = make_jpeg(make_noise((2000, 1500)), quality=100)

    prepared = prepare_image(content, "a.jpg", ImageLimits(sent_bytes=int(1.1 * 2**20)))

    assert prepared.image.steps[0].endswith("because the provider accepts at most 1.1 MB")


def test_an_image_is_rotated_upright_before_it_is_scaled_down() -> None:
    content = make_jpeg(make_noise((400, 200)), exif=make_exif(orientation=6))

    prepared = prepare_image(content, "a.jpg", ImageLimits(sent_bytes=8 << 10))

    assert prepared.image.steps[0] == "Turned upright (EXIF orientation 6)"
    assert prepared.image.steps[1].startswith("Scaled down from 200 × 400 to ")


def test_an_image_longer_than_jpeg_allows_is_scaled_down() -> None:
    content = make_file("PNG", make_noise((70_000, 4)))

    prepared = prepare_image(content, "a.png", ImageLimits(sent_bytes=len(content) - 1, upload_pixels=1_000_000))

    assert prepared.image.width_px <= 65_535  # the width of a JPEG is a number of 16 bits


def test_a_limit_that_no_image_can_meet_is_reported() -> None:
    with pytest.raises(UnusableImage, match="cannot be made smaller than 0 kB"):
        prepare_image(make_jpeg(), "a.jpg", ImageLimits(sent_bytes=10))


def test_gray_stays_gray_when_it_is_scaled_down() -> None:
    content = make_file("PNG", Image.effect_noise((256, 256), 100))

    prepared = prepare_image(content, "a.png", ImageLimits(sent_bytes=10_000))

    assert open_sent(prepared.content).mode == "L"
