"""Metadata of image files is removed before they are sent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from lib.domain.images import ImageLimits
from lib.images.file_structure import UnknownStructure
from lib.images.metadata import strip_metadata
from lib.images.preparation import prepare_image
from tests.builders.image_files import (
    make_exif,
    make_file,
    make_heic,
    make_jpeg,
    make_noise,
    make_picture,
    make_profile,
    open_sent,
)
from tests.builders.image_metadata import (
    OWNER,
    SECRETS,
    XMP,
    make_gps_exif,
    make_plain_jpeg,
    make_segment,
    make_telling_jpeg,
    make_telling_png,
)

LIMITS = ImageLimits()


TELLING = {"jpeg": make_telling_jpeg(), "png": make_telling_png()}


telling = pytest.mark.parametrize("content", TELLING.values(), ids=TELLING.keys())


@telling
def test_location_owner_and_camera_are_removed_and_no_pixel_changes(content: bytes) -> None:
    assert all(secret in content for secret in (OWNER, b"52.5163"))

    prepared = prepare_image(content, "a", LIMITS)

    assert [secret for secret in SECRETS if secret in prepared.content] == []
    assert open_sent(prepared.content).tobytes() == open_sent(content).tobytes()
    assert prepared.image.steps == ("Location removed",)
    assert not open_sent(prepared.content).getexif()


def test_a_jpeg_is_stripped_without_being_encoded_again() -> None:
    assert prepare_image(make_telling_jpeg(), "a", LIMITS).content == make_plain_jpeg()


@telling
def test_stripping_metadata_is_idempotent(content: bytes) -> None:
    once = strip_metadata(content)

    assert strip_metadata(once) is once


@pytest.mark.parametrize(
    "content",
    [
        make_jpeg(),
        make_jpeg(progressive=True, restart_marker_rows=1),
        make_jpeg(make_picture().convert("CMYK")),
        make_jpeg(make_picture().convert("L")),
        make_plain_jpeg(),
        make_file("PNG"),
        make_file("PNG", make_picture().convert("P"), transparency=0),
        make_file("PNG", icc_profile=make_profile(), dpi=(72, 72)),
    ],
    ids=["jpeg", "progressive", "cmyk", "gray", "profile", "png", "palette", "png profile"],
)
def test_a_file_without_metadata_stays_the_same_object(content: bytes) -> None:
    assert strip_metadata(content) is content


def test_the_colors_of_a_cmyk_jpeg_do_not_change() -> None:
    content = make_jpeg(make_noise().convert("CMYK"), exif=make_gps_exif())

    assert open_sent(strip_metadata(content)).tobytes() == open_sent(content).tobytes()


def test_a_thumbnail_in_the_jfif_header_is_removed() -> None:
    content = make_jpeg()
    with_thumbnail = content[:2] + make_segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\2\1" + bytes(6)) + content[20:]

    assert strip_metadata(with_thumbnail) == content


@pytest.mark.parametrize(
    "content",
    [
        *(make_file(kind, exif=make_gps_exif()) for kind in ("JPEG", "PNG", "WEBP")),
        make_file("TIFF", tiffinfo={34853: {1: "N", 2: (52.0, 30.0, 58.7)}}),
        make_file("AVIF", make_picture((64, 64)), exif=make_gps_exif()),
        make_heic(exif=make_gps_exif().tobytes()),
        make_jpeg(xmp=XMP),
        make_heic(xmp=XMP),
        make_file("WEBP", xmp=XMP),
    ],
    ids=["jpeg", "png", "webp", "tiff", "avif", "heic", "xmp in jpeg", "xmp in heic", "xmp in webp"],
)
def test_removing_a_location_is_recorded_as_a_step(content: bytes) -> None:
    prepared = prepare_image(content, "a", LIMITS)

    assert prepared.image.steps[-1] == "Location removed"
    assert [secret for secret in SECRETS if secret in prepared.content + prepared.thumbnail] == []


@pytest.mark.parametrize("content", [make_jpeg(), make_jpeg(exif=make_exif(1)), make_file("PNG", exif=make_exif(1))])
def test_without_a_location_no_step_is_recorded(content: bytes) -> None:
    assert prepare_image(content, "a", LIMITS).image.steps == ()


@pytest.mark.parametrize(
    "content",
    [make_jpeg()[:-2], make_jpeg()[:300], b"\xff\xd8\xff\xe0\0\0", make_file("PNG")[:-12], make_file("GIF"), b""],
    ids=["no end", "cut", "no length", "no end of png", "gif", "empty"],
)
def test_a_file_that_cannot_be_parsed_raises_an_error(content: bytes) -> None:
    with pytest.raises(UnknownStructure):
        strip_metadata(content)


@given(content=st.binary(max_size=300), start=st.sampled_from([make_jpeg()[:200], make_file("PNG")[:60]]))
def test_any_bytes_are_stripped_or_rejected(content: bytes, start: bytes) -> None:
    try:
        stripped = strip_metadata(start + content)
    except UnknownStructure:
        return
    assert strip_metadata(stripped) == stripped


def test_a_large_photograph_without_metadata_is_returned_unchanged() -> None:
    # Figures of a test machine: 30 ms for 30 MB; the limit only tells a loop over every byte from one over segments.
    content = make_jpeg(Image.effect_noise((4000, 3000), 100).convert("RGB"), quality=95)

    assert strip_metadata(content) is content
