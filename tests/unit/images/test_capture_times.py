"""When images were captured, as EXIF has it."""

from datetime import UTC, datetime

import pytest
from PIL import ExifTags, Image

from lib.domain.images import ImageLimits
from lib.images.preparation import prepare_image
from tests.builders.image_files import make_jpeg, make_picture


def make_dated_jpeg(clock: object, fraction: object = None, orientation: int = 1) -> bytes:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    tags = exif.get_ifd(ExifTags.IFD.Exif)
    tags[ExifTags.Base.DateTimeOriginal] = clock
    if fraction is not None:
        tags[ExifTags.Base.SubsecTimeOriginal] = fraction
    return make_jpeg(make_picture(), exif=exif)


@pytest.mark.parametrize("orientation", [1, 6])
def test_the_capture_time_is_that_of_the_camera_s_clock_and_is_not_sent(orientation: int) -> None:
    content = make_dated_jpeg("2026:05:04 03:02:01", "25", orientation)

    prepared = prepare_image(content, "a.jpg", ImageLimits())

    assert prepared.captured_at == datetime(2026, 5, 4, 3, 2, 1, 250_000, UTC)
    assert b"2026:05:04" not in prepared.content


@pytest.mark.parametrize(
    "clock",
    ["0000:00:00 00:00:00", "    :  :     :  :  ", "2026-05-04T03:02:01Z", "now", "2026:13:45 99:99:99", "\x00" * 19],
)
def test_an_invalid_capture_time_is_no_capture_time(clock: str) -> None:
    assert prepare_image(make_dated_jpeg(clock), "a.jpg", ImageLimits()).captured_at is None


def test_an_image_without_a_capture_time_has_none() -> None:
    assert prepare_image(make_jpeg(), "a.jpg", ImageLimits()).captured_at is None
