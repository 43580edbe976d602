"""Broken image files of every format that is taken in, the same ones for the same seed."""

import random
from collections.abc import Callable, Iterator

from PIL import Image

from tests.builders.image_files import (
    make_exif,
    make_file,
    make_frames,
    make_heic,
    make_huge_png,
    make_picture,
    make_profile,
)

_SIZES = (b"\x00\x00", b"\xff\xff", b"\x7f\xff", b"\x00\x01", b"\xff\xfe")
Break = Callable[[bytes, random.Random], bytes]


def make_broken_files(seed: int, count: int) -> Iterator[bytes]:
    """That many files: each a whole one that was cut, flipped, spliced, padded or told lies about its size."""
    chance = random.Random(seed)
    whole = _make_whole_files()
    for number in range(count):
        content = whole[number % len(whole)]
        for _ in range(chance.choice((1, 1, 1, 2, 3))):
            content = chance.choice(_BREAKS)(content, chance)
        yield content


def _make_whole_files() -> list[bytes]:
    """Files of every format, in several modes, with animations, profiles and EXIF; one has 81 megapixels."""
    noise, picture = _make_noise((48, 40)), make_picture((40, 24))
    files = [
        make_file("JPEG", noise, quality=90),
        make_file("JPEG", picture, progressive=True, exif=make_exif(6), icc_profile=make_profile()),
        make_file("JPEG", picture.convert("L")),
        make_file("JPEG", picture.convert("CMYK")),
        make_file("PNG", noise),
        make_file("PNG", picture.convert("P"), exif=make_exif(3)),
        make_file("PNG", picture.convert("RGBA")),
        make_file("PNG", Image.new("I;16", (30, 20), 40_000)),
        make_huge_png(),
        make_frames("PNG"),
        make_file("GIF", picture.convert("P")),
        make_frames("GIF"),
        make_file("WebP", noise, lossless=True),
        make_file("WebP", noise),
        make_frames("WebP"),
        make_file("BMP", noise),
        make_file("BMP", picture.convert("P")),
        make_file("BMP", picture.convert("1")),
        make_frames("TIFF"),
        make_heic(_make_noise((64, 64))),
    ]
    return files + [make_file("TIFF", noise, compression=kind) for kind in ("raw", "tiff_lzw", "jpeg", "tiff_deflate")]


def _make_noise(size: tuple[int, int]) -> Image.Image:
    # Pillow's own noise is another one each time.
    return Image.frombytes("RGB", size, random.Random(0).randbytes(size[0] * size[1] * 3))


def _cut(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randrange(len(content) + 1)]


def _flip_bits(content: bytes, chance: random.Random) -> bytes:
    flipped = bytearray(content)
    for _ in range(chance.randint(1, 50)):
        if flipped:
            flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(8)
    return bytes(flipped)


def _flip_in_header(content: bytes, chance: random.Random) -> bytes:
    head = _flip_bits(content[:64], chance)
    return head + content[64:]


def _lie_about_size(content: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(min(len(content), 200) + 1)
    return content[:at] + chance.choice(_SIZES) + content[at + 2 :]


def _splice(content: bytes, chance: random.Random) -> bytes:
    first, second = (chance.randrange(len(content) + 1) for _ in range(2))
    return content[:first] + content[second:]


def _pad(content: bytes, chance: random.Random) -> bytes:
    return content + chance.randbytes(chance.randrange(2000))


def _wrong_header(content: bytes, chance: random.Random) -> bytes:
    heads = (b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"BM\0\0\0\0\0\0\0\0", b"II*\0", b"MM\0*", b"RIFF")
    head = chance.choice(heads)
    return head + content[len(head) :]


def _zero_a_part(content: bytes, chance: random.Random) -> bytes:
    first, second = sorted(chance.randrange(len(content) + 1) for _ in range(2))
    return content[:first] + bytes(second - first) + content[second:]


_BREAKS: tuple[Break, ...] = (
    _cut,
    _flip_bits,
    _flip_in_header,
    _lie_about_size,
    _splice,
    _pad,
    _wrong_header,
    _zero_a_part,
)
