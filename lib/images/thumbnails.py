"""The small picture that cards and tables show."""

import io

from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

THUMBNAIL_SIZE_PX = (480, 360)
TINY_SIZE_PX = (160, 120)
ENOUGH_PX = (320, 240)
"""A picture decoded to this size or more still makes a sharp thumbnail on most screens, at half the time."""
LARGEST_ENLARGEMENT = 8


def make_thumbnail(pixels: Image.Image) -> bytes:
    """A JPEG of the whole picture, at most 480 × 360 px; a tiny picture is enlarged 8 times at most."""
    small = pixels.resize(_contained(pixels.size), Image.Resampling.BILINEAR, reducing_gap=2.0)
    stream = io.BytesIO()
    # Not WebP: it takes four times as long to write, and Streamlit would turn it into a JPEG on every run of a page.
    small.save(stream, "JPEG", quality=75)
    return stream.getvalue()


def shrink_thumbnail(thumbnail: bytes) -> bytes:
    """A JPEG of about 160 × 120 px, some 4 kB, out of a thumbnail: for pages that show hundreds of them."""
    with JpegImageFile(io.BytesIO(thumbnail)) as picture:
        picture.draft("RGB", TINY_SIZE_PX)
        tiny = picture.convert("RGB")
    tiny.thumbnail(TINY_SIZE_PX)
    stream = io.BytesIO()
    tiny.save(stream, "JPEG", quality=70)
    return stream.getvalue()


def _contained(size_px: tuple[int, int]) -> tuple[int, int]:
    largest = LARGEST_ENLARGEMENT if max(size_px) < min(ENOUGH_PX) else 1
    scale = min(largest, *(most / own for most, own in zip(THUMBNAIL_SIZE_PX, size_px, strict=True)))
    width, height = (max(1, round(own * scale)) for own in size_px)
    return width, height
