"""Unusable files and files that need preparation: a clear message, and other files continue."""

import pytest

from tests.builders.image_files import (
    make_exif,
    make_file,
    make_frames,
    make_heic,
    make_huge_png,
    make_jpeg,
    make_picture,
    make_png,
)
from tests.integration.pages.conftest import OpenApp
from tests.integration.pages.page import charts, page_text, read_sample, upload_named

REFUSED = {
    "not an image": (b"milk, eggs", "not an image"),
    "truncated JPEG": (read_sample("cat.jpg")[:-5000], "damaged or incomplete"),
    "zero bytes": (b"", "empty"),
    "81 megapixels in 10 kB": (make_huge_png(), "more than 50 megapixels"),
    "over 30 MB": (read_sample("cat.jpg") + bytes(30 << 20), "more than 30 MB"),
}

TAKEN = {
    "EXIF-rotated": (make_jpeg(make_picture((64, 48)), exif=make_exif(orientation=6)), "Turned upright"),
    "HEIC": (make_heic(make_picture((64, 48))), "Converted from HEIC to JPEG"),
    "animated GIF": (make_frames("GIF"), "First of"),
    "16-bit PNG": (make_png((2, 1), b"\x00" + bytes(4), depth=16), "Reduced from 16 to 8 bits"),
    "CMYK": (make_file("JPEG", make_picture((64, 48)).convert("CMYK")), "Converted from CMYK"),
    "1 x 1": (make_file("PNG", make_picture((1, 1))), "1 × 1 px"),
    "a .jpg that is a PNG": (make_file("PNG", make_picture((64, 48))), "64 × 48 px"),
}


@pytest.mark.parametrize(("content", "sentence"), REFUSED.values(), ids=REFUSED)
def test_an_unusable_file_is_listed_with_the_reason_and_the_others_continue(
    open_app: OpenApp, content: bytes, sentence: str
) -> None:
    app = upload_named(open_app(), {"bad.jpg": content, "cat.jpg": read_sample("cat.jpg")})

    assert len(charts(app)) == 1
    (text,) = [line for line in page_text(app).splitlines() if line.startswith("bad.jpg: ")]
    assert sentence in text
    assert not app.exception


@pytest.mark.parametrize(("content", "sentence"), TAKEN.values(), ids=TAKEN)
def test_a_file_that_needs_preparation_is_accepted_and_the_card_lists_the_steps(
    open_app: OpenApp, content: bytes, sentence: str
) -> None:
    app = upload_named(open_app(), {"odd.jpg": content})

    assert len(charts(app)) == 1
    assert sentence in page_text(app)


@pytest.mark.parametrize("name", ["<b>bold</b>.jpg", "🐦.jpg", "x" * 300 + ".jpg", "**stars** [link](http://x).jpg"])
def test_an_unusual_file_name_is_shown_as_text(open_app: OpenApp, name: str) -> None:
    app = upload_named(open_app(), {name: read_sample("cat.jpg")})

    shown = [text.value for text in app.text if text.value.endswith(".jpg")]
    assert len(shown) == 1
    assert shown[0] == name or (shown[0].startswith("xxx") and "…" in shown[0])
