"""Encoding: shrink an image to the size that services take, and save it as JPEG or PNG."""

import io
import math
from dataclasses import dataclass

from PIL import Image

from lib.errors import UnusableImage
from lib.images.decoding import Decoded

JPEG_QUALITY = 95
SMALLER_JPEG_QUALITY = 90
LARGEST_JPEG_SIDE_PX = 65_500
SHRINKING_ATTEMPTS = 10


@dataclass(frozen=True, slots=True)
class Encoded:
    """A JPEG or PNG file, the width and height of its picture, and what was done to get there, in sentences."""

    content: bytes
    media_type: str
    size_px: tuple[int, int]
    steps: tuple[str, ...] = ()


def encode(decoded: Decoded, sent_bytes: int) -> Encoded:
    """The picture as the kind of file that suits it, in full quality; `shrink` it when that has more bytes."""
    content = _save(decoded)
    if len(content) <= sent_bytes:
        return Encoded(content, decoded.media_type, decoded.pixels.size, decoded.steps)
    return shrink(decoded, sent_bytes)


def shrink(decoded: Decoded, sent_bytes: int) -> Encoded:
    """The picture as a JPEG of at most `sent_bytes`: of lower quality if that is enough, else of fewer pixels too.

    Raises UnusableImage when it cannot be made as small as that.
    """
    scale = min(1.0, LARGEST_JPEG_SIDE_PX / max(decoded.pixels.size))
    pixels = _scale(decoded.pixels, scale)
    for _ in range(SHRINKING_ATTEMPTS):
        content = save_jpeg(pixels, SMALLER_JPEG_QUALITY, decoded.profile)
        if len(content) <= sent_bytes:
            step = _describe_shrinking(decoded.pixels.size, pixels.size, sent_bytes)
            return Encoded(content, "image/jpeg", pixels.size, (*decoded.steps, step))
        # Bytes grow about as pixels do, a little slower: the margin spares a further attempt.
        scale *= 0.97 * math.sqrt(sent_bytes / len(content))
        pixels = _scale(decoded.pixels, scale)
    raise UnusableImage(f"The image cannot be brought under {_describe_bytes(sent_bytes)}: save it smaller.")


def _save(decoded: Decoded) -> bytes:
    if decoded.media_type == "image/jpeg":
        return save_jpeg(decoded.pixels, JPEG_QUALITY, decoded.profile)
    stream = io.BytesIO()
    # The fastest level: four times as fast as the usual one for a seventh more bytes, which are sent once a version.
    decoded.pixels.save(stream, "PNG", compress_level=1, icc_profile=decoded.profile or None)
    return stream.getvalue()


def save_jpeg(pixels: Image.Image, quality: int, profile: bytes) -> bytes:
    """A JPEG file of the pixels, in mode L or RGB, of a quality from 1 to 95; `profile` may be empty."""
    stream = io.BytesIO()
    # Colors at full resolution, unless size has begun to matter.
    subsampling = "4:4:4" if quality == JPEG_QUALITY else "4:2:0"
    pixels.save(stream, "JPEG", quality=quality, subsampling=subsampling, icc_profile=profile or None)
    return stream.getvalue()


def _scale(pixels: Image.Image, scale: float) -> Image.Image:
    if scale == 1:
        return pixels
    width, height = (max(1, int(own * scale)) for own in pixels.size)
    return pixels.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)


def _describe_shrinking(before_px: tuple[int, int], after_px: tuple[int, int], sent_bytes: int) -> str:
    because = f"because the service takes at most {_describe_bytes(sent_bytes)}"
    if before_px == after_px:
        return f"Saved as JPEG of quality {SMALLER_JPEG_QUALITY}, {because}"
    (width, height), (new_width, new_height) = before_px, after_px
    return f"Scaled down from {width} × {height} to {new_width} × {new_height} px, {because}"


def _describe_bytes(size_bytes: int) -> str:
    return f"{size_bytes / 2**20:.2g} MB" if size_bytes >= 1 << 20 else f"{size_bytes / 2**10:.0f} kB"
