import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from lib.domain.images import ImageLimits
from lib.images.preparation import prepare_image
from lib.images.thumbnails import make_thumbnail
from tests.builders.image_files import BLUE, RED, get_color, make_exif, make_file, make_jpeg, make_picture, open_sent

LIMITS = ImageLimits()


# At most 480 × 360: 2:1 is 240 high, 1:2 is 180 wide, and 3 × 2 pixels are enlarged no more than 8 times. A JPEG of
# 1600 × 1200 is decoded at a quarter of its size, which is enough.
@pytest.mark.parametrize(
    ("size", "shown"),
    [
        ((1600, 1200), (400, 300)),
        ((2000, 1000), (480, 240)),
        ((500, 1000), (180, 360)),
        ((3, 2), (24, 16)),
    ],
)
def test_a_thumbnail_shows_the_whole_image(size: tuple[int, int], shown: tuple[int, int]) -> None:
    thumbnail = prepare_image(make_jpeg(make_picture(size)), "a.jpg", LIMITS).thumbnail

    assert open_sent(thumbnail).size == shown


def test_a_thumbnail_is_upright() -> None:
    content = make_jpeg(make_picture((320, 240)), exif=make_exif(orientation=6))

    thumbnail = prepare_image(content, "a.jpg", LIMITS).thumbnail

    assert get_color(thumbnail, (135, 60)) == pytest.approx(RED, abs=12)
    assert get_color(thumbnail, (135, 300)) == pytest.approx(BLUE, abs=12)


def test_a_thumbnail_of_a_transparent_image_has_a_white_background() -> None:
    content = make_file("PNG", Image.new("RGBA", (400, 300), (0, 0, 0, 0)))

    thumbnail = prepare_image(content, "a.png", LIMITS).thumbnail

    assert get_color(thumbnail, (240, 180)) == pytest.approx((255, 255, 255), abs=2)


@settings(max_examples=40)
@given(width=st.integers(1, 3000), height=st.integers(1, 300))
def test_every_thumbnail_is_a_jpeg_within_480_by_360(width: int, height: int) -> None:
    thumbnail = open_sent(make_thumbnail(Image.new("RGB", (width, height))))

    assert thumbnail.format == "JPEG"
    assert thumbnail.width <= 480
    assert thumbnail.height <= 360
