"""Photographs to measure with: the samples, scaled, each file different from all others."""

import io
import itertools
from pathlib import Path

from PIL import Image

from lib.settings import ROOT

_SIZES_PX = ((640, 480), (1600, 1200))


def make_photographs(count: int) -> list[bytes]:
    """`count` JPEG files, half of 640 x 480 px and half of 1600 x 1200 px."""
    turns = itertools.cycle(itertools.product(_samples(), _SIZES_PX))
    return [_jpeg(sample, size, mark=place) for place, (sample, size) in zip(range(count), turns, strict=False)]


def make_large_photographs(count: int, size_bytes: int) -> list[bytes]:
    """`count` JPEG files of nearly `size_bytes`: photographs of 12 megapixels, filled up with unused tables."""
    samples = itertools.cycle(_samples())
    files = (_jpeg(sample, (4000, 3000), mark=place) for place, sample in zip(range(count), samples, strict=False))
    return [_fill_up(file, size_bytes) for file in files]


def _fill_up(file: bytes, size_bytes: int) -> bytes:
    """The file with Huffman tables before its own: what stands in comments or behind the picture is not stored."""
    table = b"\x00\x01" + bytes(16)
    most = 65_533 // len(table) * len(table)
    count, rest = divmod(size_bytes - len(file), 4 + most)
    last = max(0, rest - 4) // len(table) * len(table)
    segments = [b"\xff\xc4" + (2 + size).to_bytes(2) + table * (size // len(table)) for size in [most] * count + [last]]
    return file[:20] + b"".join(segments) + file[20:]


def _samples() -> list[Path]:
    return sorted((ROOT / "samples").glob("*.jpg"))


def _jpeg(sample: Path, size: tuple[int, int], mark: int) -> bytes:
    with Image.open(sample) as picture:
        scaled = picture.convert("RGB").resize(size)
    file = io.BytesIO()
    # Told apart by their dots per inch: comments are not stored, and one pixel is lost in compression.
    scaled.save(file, "JPEG", quality=85 if size[0] < 4000 else 60, dpi=(72 + mark, 72))
    return file.getvalue()
