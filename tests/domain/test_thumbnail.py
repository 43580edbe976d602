from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from lib.domain.image import ImageLimits
from lib.domain.preparation import prepare_image
from lib.domain.thumbnail import make_thumbnail
from tests.domain.make_files import BLUE, RED, get_colour, make_exif, make_file, make_jpeg, make_picture, open_sent

LIMITS = ImageLimits()


def find_box(thumbnail: bytes) -> Any:
    """Left, top, right and bottom of what is not transparent."""
    return open_sent(thumbnail).convert("RGBA").getchannel("A").getbbox()


# All on a canvas of 480 × 360: for 2:1, 480 / 2 = 240 high and (360 - 240) / 2 = 60 from the top; for 1:2, 180 wide and
# 150 from the left; for 3 × 2 pixels, enlarged 8 times, 24 × 16 and 228 from the left, 172 from the top.
@pytest.mark.parametrize(
    ("size", "box"),
    [
        ((1600, 1200), (0, 0, 480, 360)),
        ((2000, 1000), (0, 60, 480, 300)),
        ((500, 1000), (150, 0, 330, 360)),
        ((3, 2), (228, 172, 252, 188)),
    ],
)
def test_a_thumbnail_shows_the_whole_picture_in_the_middle(size: tuple[int, int], box: tuple[int, ...]) -> None:
    thumbnail = prepare_image(make_jpeg(make_picture(size)), "a.jpg", LIMITS).thumbnail

    assert find_box(thumbnail) == box


def test_a_thumbnail_is_upright() -> None:
    content = make_jpeg(make_picture((320, 240)), exif=make_exif(orientation=6))

    thumbnail = prepare_image(content, "a.jpg", LIMITS).thumbnail

    assert get_colour(thumbnail, (240, 60)) == pytest.approx(RED, abs=12)
    assert get_colour(thumbnail, (240, 300)) == pytest.approx(BLUE, abs=12)


def test_a_thumbnail_shows_on_white_what_is_sent_on_white() -> None:
    content = make_file("PNG", Image.new("RGBA", (400, 300), (0, 0, 0, 0)))

    thumbnail = prepare_image(content, "a.png", LIMITS).thumbnail

    assert get_colour(thumbnail, (240, 180)) == pytest.approx((255, 255, 255), abs=2)
    assert find_box(thumbnail) == (0, 0, 480, 360)


@settings(deadline=None, max_examples=40)
@given(width=st.integers(1, 3000), height=st.integers(1, 300))
def test_a_thumbnail_of_any_picture_is_a_webp_of_480_by_360(width: int, height: int) -> None:
    thumbnail = open_sent(make_thumbnail(Image.new("RGB", (width, height))))

    assert (thumbnail.format, thumbnail.size) == ("WEBP", (480, 360))
