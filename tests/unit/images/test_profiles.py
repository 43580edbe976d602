"""Images are converted to sRGB from any color profile."""

import pytest
from PIL import Image

from lib.domain.images import ImageLimits
from lib.images.preparation import prepare_image
from tests.builders.image_files import get_color, make_exif, make_file, make_jpeg, make_noise, make_profile, open_sent
from tests.builders.image_profiles import ADOBE_RGB, DISPLAY_P3, PROPHOTO, make_rgb_profile

LIMITS = ImageLimits()


def prepare_color(color: tuple[int, int, int], profile: bytes, kind: str = "PNG") -> bytes:
    content = make_file(kind, Image.new("RGB", (16, 16), color), icc_profile=profile)
    return prepare_image(content, "a", LIMITS).content


# By hand, from the primaries above: linear value v = (c / 255) ** 2.2, times the profile's matrix to XYZ, times the
# inverse of sRGB's matrix (IEC 61966-2-1, adapted to D50), then sRGB's curve.
@pytest.mark.parametrize(
    ("name", "primaries", "color", "expected"),
    [
        # Both gamuts share the neutral axis: gray 128 is 0.2195 linear, which sRGB writes as 128.
        ("Display P3", DISPLAY_P3, (128, 128, 128), (128, 128, 128)),
        ("Display P3", DISPLAY_P3, (255, 255, 255), (255, 255, 255)),
        # P3's red is beyond sRGB: red is full, and green and blue, which would be negative, are 0.
        ("Display P3", DISPLAY_P3, (255, 0, 0), (255, 0, 0)),
        ("Adobe RGB (1998)", ADOBE_RGB, (0, 255, 0), (0, 255, 0)),
        # Adobe RGB shares red and blue with sRGB up to scale: red 128 is 0.2195 * 1.3984 = 0.3070 linear, which is 151.
        ("Adobe RGB (1998)", ADOBE_RGB, (128, 0, 0), (151, 0, 0)),
        ("Adobe RGB (1998)", ADOBE_RGB, (0, 0, 128), (0, 0, 130)),
    ],
)
def test_colors_are_converted_to_srgb(
    name: str, primaries: tuple[tuple[float, ...], ...], color: tuple[int, int, int], expected: tuple[int, int, int]
) -> None:
    sent = prepare_color(color, make_rgb_profile(name, primaries))

    assert get_color(sent, (8, 8)) == pytest.approx(expected, abs=2)
    assert "icc_profile" not in open_sent(sent).info


@pytest.mark.parametrize(
    ("name", "primaries"), [("Display P3", DISPLAY_P3), ("Adobe RGB (1998)", ADOBE_RGB), ("ProPhoto RGB", PROPHOTO)]
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_a_color_conversion_is_recorded_as_a_step(
    name: str, primaries: tuple[tuple[float, ...], ...], kind: str
) -> None:
    content = make_file(kind, make_noise(), icc_profile=make_rgb_profile(name, primaries))

    assert prepare_image(content, "a", LIMITS).image.steps[0] == f"Converted from {name} to sRGB"


@pytest.mark.parametrize(
    "name",
    ["Ada's monitor", "<b>bold</b>", "[a link](http://evil.example)", "Display P3 \x1b[31m\u202e", "x" * 5000, ""],
)
def test_text_in_a_profile_is_not_shown(name: str) -> None:
    content = make_jpeg(icc_profile=make_rgb_profile(name, DISPLAY_P3))

    (step,) = prepare_image(content, "a", LIMITS).image.steps

    assert step == "Converted from another color profile to sRGB"


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_file_in_srgb_is_sent_unchanged(kind: str) -> None:
    content = make_file(kind, icc_profile=make_profile())

    assert prepare_image(content, "a", LIMITS).content == content


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize(
    "profile",
    [
        b"RGB " * 1000,
        make_rgb_profile("Display P3", DISPLAY_P3)[:-60],
        make_rgb_profile("Display P3", DISPLAY_P3).replace(b"curv", b"cur\0"),
        make_rgb_profile("Display P3", DISPLAY_P3).replace(b"rXYZ", b"none"),
        b"\0" * 20,
    ],
    ids=["no profile", "cut", "no curves", "no red", "zeros"],
)
def test_an_invalid_profile_is_removed_and_the_pixels_do_not_change(profile: bytes, kind: str) -> None:
    content = make_file(kind, make_noise(), icc_profile=profile)

    prepared = prepare_image(content, "a", LIMITS)

    assert "icc_profile" not in open_sent(prepared.content).info
    assert open_sent(prepared.content).tobytes() == open_sent(content).tobytes()
    assert prepared.image.steps == ()


def test_a_profile_of_a_different_color_mode_is_ignored() -> None:
    content = make_jpeg(make_noise().convert("L"), icc_profile=make_rgb_profile("Display P3", DISPLAY_P3))

    prepared = prepare_image(content, "a", LIMITS)

    assert prepared.image.steps == ()
    assert open_sent(prepared.content).tobytes() == open_sent(content).tobytes()


def test_colors_are_converted_before_an_image_is_rotated() -> None:
    content = make_jpeg(exif=make_exif(6), icc_profile=make_rgb_profile("Display P3", DISPLAY_P3))

    steps = prepare_image(content, "a", LIMITS).image.steps

    assert steps == ("Converted from Display P3 to sRGB", "Turned upright (EXIF orientation 6)")
