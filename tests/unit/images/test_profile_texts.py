"""Texts in color profiles are kept only if they are safe."""

import struct
import zlib

import pytest

from lib.images.metadata import strip_metadata
from lib.images.profile_texts import clean_profile
from tests.builders.image_files import (
    make_file,
    make_jpeg,
    make_profile,
    open_sent,
    write_chunk,
)
from tests.builders.image_metadata import (
    GPS,
    OWNER,
)
from tests.builders.image_profiles import DISPLAY_P3, make_rgb_profile


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
