"""Thumbnails for cards and tables."""

import io

from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

THUMBNAIL_SIZE_PX = (480, 360)
TINY_SIZE_PX = (160, 120)
ENOUGH_PX = (320, 240)
"""A picture decoded at this size still makes a sharp thumbnail on most screens, in half the time."""
LARGEST_ENLARGEMENT = 8


def make_thumbnail(pixels: Image.Image) -> bytes:
    """Return a JPEG of at most 480 × 360 px. A tiny picture is enlarged up to 8 times."""
    small = pixels.resize(_contained(pixels.size), Image.Resampling.BILINEAR, reducing_gap=2.0)
    stream = io.BytesIO()
    # Not WebP: encoding takes four times as long.
    small.save(stream, "JPEG", quality=75)
    return stream.getvalue()


def shrink_thumbnail(thumbnail: bytes) -> bytes:
    """Return a JPEG of about 160 × 120 px and 4 kB from a thumbnail, for pages that show hundreds."""
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
