"""Metadata of image files is removed before they are sent."""

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from lib.domain.images import ImageLimits
from lib.errors import UnusableImage
from lib.images.file_structure import UnknownStructure
from lib.images.metadata import strip_metadata
from lib.images.preparation import prepare_image
from lib.images.profile_texts import clean_profile
from tests.builders.image_files import (
    make_exif,
    make_file,
    make_heic,
    make_jpeg,
    make_noise,
    make_picture,
    make_png,
    make_profile,
    open_sent,
    write_chunk,
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
from tests.builders.image_profiles import DISPLAY_P3, make_rgb_profile

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


def test_a_color_profile_in_several_segments_is_kept() -> None:
    profile = bytearray(make_profile())
    padded = struct.pack(">I", 150_000) + profile[4:] + bytes(150_000 - len(profile))

    stripped = strip_metadata(make_jpeg(icc_profile=padded, comment=OWNER))

    assert open_sent(stripped).info["icc_profile"] == padded


def test_a_name_in_a_color_profile_is_blanked() -> None:
    profile = make_profile().replace("sRGB built-in".encode("utf-16-be"), "Ada Lovelace's".encode("utf-16-be")[:26])

    jpeg, png = (strip_metadata(make_file(kind, icc_profile=profile)) for kind in ("JPEG", "PNG"))

    for stripped in (jpeg, png):
        kept = open_sent(stripped).info["icc_profile"]
        assert "Ada".encode("utf-16-be") not in kept
        assert len(kept) == len(profile)
    assert strip_metadata(jpeg) is jpeg
    assert strip_metadata(png) is png


def test_a_png_profile_that_is_a_decompression_bomb_is_removed() -> None:
    content = make_file("PNG")
    bomb = write_chunk(b"iCCP", b"Ada\0\0" + zlib.compress(bytes(20 << 20)))

    assert strip_metadata(content[:33] + bomb + content[33:]) == content


@pytest.mark.parametrize(
    "content",
    [make_jpeg()[:-2], make_jpeg()[:300], b"\xff\xd8\xff\xe0\0\0", make_file("PNG")[:-12], make_file("GIF"), b""],
    ids=["no end", "cut", "no length", "no end of png", "gif", "empty"],
)
def test_a_file_that_cannot_be_parsed_raises_an_error(content: bytes) -> None:
    with pytest.raises(UnknownStructure):
        strip_metadata(content)


GPS = b"48.8584 2.2945 Ada"


def add_before_end(content: bytes, addition: bytes) -> bytes:
    """Return the file with bytes inserted before its end marker: EOI of a JPEG, IEND of a PNG."""
    end = content.rindex(b"\xff\xd9") if content.startswith(b"\xff\xd8") else content.rindex(b"IEND") - 4
    return content[:end] + addition + content[end:]


def add_to_head(content: bytes, addition: bytes) -> bytes:
    head = 20 if content.startswith(b"\xff\xd8") else 33
    return content[:head] + addition + content[head:]


PALETTE = make_file("PNG", make_picture().convert("P"))
PLAIN = make_file("PNG")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (add_before_end(make_jpeg(), make_segment(0xDC, GPS)), make_jpeg()),
        (add_before_end(make_jpeg(), make_segment(0xDC, b"\0\x10") + GPS), make_jpeg()),
        (add_before_end(make_jpeg(), make_segment(0xDB, b"\3" + GPS.ljust(64))), make_jpeg()),
        (add_to_head(make_jpeg(), make_segment(0xCC, GPS)), make_jpeg()),
        (add_to_head(make_jpeg(), make_segment(0xDE, GPS)), make_jpeg()),
        (PLAIN[:-12] + write_chunk(b"IEND", GPS), PLAIN),
        (add_to_head(PLAIN, write_chunk(b"PLTE", GPS[:18])), PLAIN),
        (add_to_head(PLAIN, write_chunk(b"tRNS", GPS)), PLAIN),
        (add_to_head(PLAIN, write_chunk(b"cHRM", GPS.ljust(32))), PLAIN),
        (add_to_head(PLAIN, write_chunk(b"gAMA", GPS[:4])), PLAIN),
        (add_before_end(PLAIN, write_chunk(b"IDAT", GPS)), PLAIN),
        (add_before_end(PLAIN, write_chunk(b"pHYs", GPS[:9])), PLAIN),
        (add_before_end(PALETTE, write_chunk(b"tRNS", GPS)), PALETTE),
    ],
    ids=[
        *("lines", "behind lines", "table behind the picture", "arithmetic", "hierarchy", "end", "suggested palette"),
        *("transparency", "primaries", "gamma", "behind the pixels", "late size", "late transparency"),
    ],
)
def test_text_in_image_segments_is_removed(content: bytes, expected: bytes) -> None:
    stripped = strip_metadata(content)

    assert GPS[:4] not in stripped
    assert stripped == expected


def test_text_after_the_compressed_pixels_of_a_png_is_removed() -> None:
    start = PLAIN.index(b"IDAT")
    packed = PLAIN[start + 4 : -16]

    stripped = strip_metadata(PLAIN[: start - 4] + write_chunk(b"IDAT", packed + GPS) + PLAIN[-12:])

    assert stripped == PLAIN


def test_a_png_with_extra_rows_is_saved_again() -> None:
    content = make_png((8, 2), bytes(18) + GPS)

    with pytest.raises(UnknownStructure):
        strip_metadata(content)
    prepared = prepare_image(content, "a", LIMITS)
    assert prepared.image.steps == ("Saved again, without data after the picture",)
    assert open_sent(prepared.content).tobytes() == bytes(16)


@pytest.mark.parametrize("text", [GPS, GPS + bytes(9), GPS.decode().encode("utf-16-le")], ids=["text", "zeros", "wide"])
@pytest.mark.parametrize("options", [{}, {"progressive": True}], ids=["baseline", "progressive"])
def test_text_after_the_image_data_of_a_jpeg_is_removed(text: bytes, options: dict[str, bool]) -> None:
    content = add_before_end(make_jpeg(make_noise(), **options), text)

    prepared = prepare_image(content, "a", LIMITS)

    assert text not in prepared.content
    assert prepared.image.steps == ("Saved again, without data after the picture",)


def test_image_data_that_resembles_text_is_kept() -> None:
    content = make_jpeg(make_noise())
    in_letters = content[:-10] + b"Abcdefgh" + content[-2:]

    assert prepare_image(in_letters, "a", LIMITS).content == in_letters


def test_a_jpeg_with_its_height_after_the_image_data_is_not_parsed() -> None:
    frame = make_jpeg().index(b"\xff\xc0")
    content = make_jpeg()[: frame + 5] + bytes(2) + make_jpeg()[frame + 7 :]

    with pytest.raises(UnknownStructure):
        strip_metadata(content)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (add_to_head(make_jpeg(), b"\xff\xdc\0\2" * 2001), "The JPEG has more than 2,000 segments: save it again"),
        (add_before_end(make_jpeg(), b"\xff\xdc\0\2" * 2001), "The JPEG has more than 2,000 segments: save it again"),
        (add_to_head(make_jpeg(), b"\xff\x01" * 2001), "The JPEG has more than 2,000 segments: save it again"),
        (add_before_end(PLAIN, write_chunk(b"IDAT", b"") * 10_001), "The PNG has more than 10,000 chunks: save it"),
    ],
    ids=["head", "tail", "without length", "png"],
)
def test_a_file_with_too_many_segments_is_rejected(content: bytes, sentence: str) -> None:
    with pytest.raises(UnusableImage, match=sentence):
        prepare_image(content, "a", LIMITS)
    with pytest.raises(UnusableImage, match=sentence):
        strip_metadata(content)


@pytest.mark.parametrize("text", ["sRGB 48.8584 2.2945", "sRGB 52 31", "sRGB 8584", "c2 20250411", "sRGB 2.1.48"])
def test_numbers_in_a_profile_that_may_be_a_location_are_blanked(text: str) -> None:
    profile = make_rgb_profile(text, DISPLAY_P3)

    assert text.encode("utf-16-be") not in clean_profile(profile)


@pytest.mark.parametrize(
    "text", ["sRGB IEC61966-2.1", "Adobe RGB (1998)", "Gray Gamma 2.2", "ITU-R BT.709-5", "sRGB v4", "Dot Gain 2020"]
)
def test_numbers_in_standard_profile_names_are_kept(text: str) -> None:
    profile = make_rgb_profile(text, DISPLAY_P3)

    assert clean_profile(profile) == profile


@pytest.mark.parametrize(
    "tag",
    [
        b"XYZ \0\0\0\0" + bytes(12),
        b"sig \0\0\0\0" + b"CRT ",
        b"curv\0\0\0\0" + struct.pack(">IH", 1, 563),
        b"para\0\0\0\0\0\0\0\0" + struct.pack(">I", 144180),
        b"chrm\0\0\0\0\0\1\0\1" + bytes(8),
    ],
    ids=["color", "signature", "curve", "parameters", "primaries"],
)
def test_text_after_the_values_of_a_profile_tag_is_blanked(tag: bytes) -> None:
    profile = make_rgb_profile("sRGB", DISPLAY_P3)
    start = len(profile)
    # In place of the copyright: its entry is the second.
    entry = b"lumi" + struct.pack(">II", start, len(tag + GPS))
    content = profile[:144] + entry + profile[156:] + tag + GPS
    content = len(content).to_bytes(4) + content[4:]

    assert clean_profile(content)[start:] == tag + bytes(len(GPS))


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
