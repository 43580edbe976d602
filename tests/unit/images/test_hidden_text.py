"""Text hidden in the structure of image files is removed before they are sent."""

import pytest

from lib.domain.images import ImageLimits
from lib.errors import UnusableImage
from lib.images.file_structure import UnknownStructure
from lib.images.metadata import strip_metadata
from lib.images.preparation import prepare_image
from tests.builders.image_files import (
    make_file,
    make_jpeg,
    make_noise,
    make_picture,
    make_png,
    open_sent,
    write_chunk,
)
from tests.builders.image_metadata import (
    GPS,
    make_segment,
)

LIMITS = ImageLimits()


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
