"""Encodes pictures as JPEG or PNG, and shrinks them to the size that providers accept."""

import io
import math
from dataclasses import dataclass
from datetime import datetime

from PIL import Image

from lib.errors import UnusableImage
from lib.images.decoding import Decoded

JPEG_QUALITY = 95
SMALLER_JPEG_QUALITY = 90
LARGEST_JPEG_SIDE_PX = 65_500
SHRINKING_ATTEMPTS = 10


@dataclass(frozen=True, slots=True)
class Encoded:
    """A JPEG or PNG file, its width and height, and the steps that led to it, as text for people.

    `captured_at` is when the picture was taken, None if the original file does not say.
    """

    content: bytes
    media_type: str
    size_px: tuple[int, int]
    steps: tuple[str, ...] = ()
    captured_at: datetime | None = None


def encode(decoded: Decoded, sent_bytes: int) -> Encoded:
    """Return the picture in full quality in its media type or, if that exceeds `sent_bytes`, shrunk."""
    content = _save(decoded)
    if len(content) <= sent_bytes:
        return Encoded(content, decoded.media_type, decoded.pixels.size, decoded.steps)
    return shrink(decoded, sent_bytes)


def shrink(decoded: Decoded, sent_bytes: int) -> Encoded:
    """Return the picture as a JPEG of at most `sent_bytes`, with lower quality and, if necessary, fewer pixels.

    Raises UnusableImage if it cannot be made that small.
    """
    scale = min(1.0, LARGEST_JPEG_SIDE_PX / max(decoded.pixels.size))
    pixels = _scale(decoded.pixels, scale)
    for _ in range(SHRINKING_ATTEMPTS):
        content = save_jpeg(pixels, SMALLER_JPEG_QUALITY, decoded.profile)
        if len(content) <= sent_bytes:
            step = _describe_shrinking(decoded.pixels.size, pixels.size, sent_bytes)
            return Encoded(content, "image/jpeg", pixels.size, (*decoded.steps, step))
        # Bytes grow slightly slower than pixels. The margin avoids another attempt.
        scale *= 0.97 * math.sqrt(sent_bytes / len(content))
        pixels = _scale(decoded.pixels, scale)
    limit = _describe_bytes(sent_bytes)
    raise UnusableImage(
        f"The image cannot be made smaller than {limit}. Save it with fewer pixels, then upload it again."
    )


def _save(decoded: Decoded) -> bytes:
    if decoded.media_type == "image/jpeg":
        return save_jpeg(decoded.pixels, JPEG_QUALITY, decoded.profile)
    stream = io.BytesIO()
    # The fastest level: four times as fast as the default, for a seventh more bytes, which each version receives once.
    decoded.pixels.save(stream, "PNG", compress_level=1, icc_profile=decoded.profile or None)
    return stream.getvalue()


def save_jpeg(pixels: Image.Image, quality: int, profile: bytes) -> bytes:
    """Return pixels in mode L or RGB as a JPEG file. `quality` is 1 to 95; `profile` may be empty."""
    stream = io.BytesIO()
    # Colors at full resolution, unless the file must be small.
    subsampling = "4:4:4" if quality == JPEG_QUALITY else "4:2:0"
    pixels.save(stream, "JPEG", quality=quality, subsampling=subsampling, icc_profile=profile or None)
    return stream.getvalue()


def _scale(pixels: Image.Image, scale: float) -> Image.Image:
    if scale == 1:
        return pixels
    width, height = (max(1, int(own * scale)) for own in pixels.size)
    return pixels.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)


def _describe_shrinking(before_px: tuple[int, int], after_px: tuple[int, int], sent_bytes: int) -> str:
    because = f"because the provider accepts at most {_describe_bytes(sent_bytes)}"
    if before_px == after_px:
        return f"Saved as JPEG of quality {SMALLER_JPEG_QUALITY}, {because}"
    (width, height), (new_width, new_height) = before_px, after_px
    return f"Scaled down from {width} × {height} to {new_width} × {new_height} px, {because}"


def _describe_bytes(size_bytes: int) -> str:
    return f"{size_bytes / 2**20:.2g} MB" if size_bytes >= 1 << 20 else f"{size_bytes / 2**10:.0f} kB"
