"""Small files that take their decoder a long time or much memory, written by hand."""

import io
import struct
import zlib
from collections.abc import Callable

from PIL import Image

from tests.builders.image_files import make_file, make_huge_png, make_jpeg, make_picture, write_chunk

_SCAN = b"\xff\xda"
_SIZE_BOX = b"ispe\0\0\0\0"


def make_many_scans(count: int, size: tuple[int, int] = (64, 64)) -> bytes:
    """A progressive JPEG that has its first scan again and again, `count` scans in all."""
    head, first, *others = make_jpeg(make_picture(size), progressive=True).split(_SCAN)
    return head + _SCAN + (first + _SCAN) * (count - len(others) - 1) + _SCAN.join([first, *others])


def make_many_strips(count: int) -> bytes:
    """A TIFF of one column whose strips have one row each and share their only byte."""
    entries = [(256, 4, 1, 1), (257, 4, 1, count), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (277, 3, 1, 1)]
    start = 8 + 2 + (len(entries) + 3) * 12 + 4
    entries += [(273, 4, count, start), (278, 4, 1, 1), (279, 4, count, start + 4 * count)]
    table = b"".join(struct.pack("<HHII", *entry) for entry in sorted(entries))
    directory = b"II*\0\x08\0\0\0" + struct.pack("<H", len(entries)) + table + bytes(4)
    return directory + struct.pack("<I", 8) * count + struct.pack("<I", 1) * count


def make_many_directories(count: int) -> bytes:
    """A TIFF whose first directory is followed by others without a picture."""
    content = bytearray(make_file("TIFF"))
    (directory,) = struct.unpack_from("<I", content, 4)
    (entries,) = struct.unpack_from("<H", content, directory)
    struct.pack_into("<I", content, directory + 2 + entries * 12, len(content))
    for number in range(count):
        content += struct.pack("<HI", 0, len(content) + 6 if number < count - 1 else 0)
    return bytes(content)


def make_endless_exif() -> bytes:
    """A JPEG whose EXIF directory is its own sub-directory, GPS directory and successor."""
    entries = struct.pack("<HHIIHHII", 0x8769, 4, 1, 8, 0x8825, 4, 1, 8)
    return make_jpeg(exif=b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<H", 2) + entries + struct.pack("<I", 8))


def make_png_bomb(name: bytes, start: bytes) -> bytes:
    """A PNG with a chunk of 200 kB that unpacks to 200 MB."""
    packer = zlib.compressobj(9)
    packed = b"".join([start, *(packer.compress(bytes(1 << 20)) for _ in range(200)), packer.flush()])
    content = make_file("PNG")
    return content[:33] + write_chunk(name, packed) + content[33:]


def make_senseless_profile(size_bytes: int) -> bytes:
    """A JPEG with a profile of many pieces that is none."""
    return make_jpeg(icc_profile=b"RGB " * (size_bytes // 4))


def make_giant(content: bytes, before: bytes, pattern: str, side_px: int = 60_000) -> bytes:
    """The file with another width and height written behind the bytes `before`."""
    at = content.index(before) + len(before)
    size = struct.pack(pattern, side_px, side_px)
    return content[:at] + size + content[at + len(size) :]


def _make_jpeg_2000() -> bytes:
    # SIZ: length, capabilities, then width and height; the tile is made as large in turn.
    giant = make_giant(make_file("JPEG2000"), b"\xff\x51\0\x2f\0\0", ">II")
    at = giant.index(b"\xff\x51") + 22
    return giant[:at] + struct.pack(">II", 60_000, 60_000) + giant[at + 8 :]


def _make_gif_of_many_frames() -> bytes:
    stream = io.BytesIO()
    Image.new("P", (1, 1)).save(stream, "GIF")
    content = stream.getvalue()
    frame = content[content.index(b",\0\0\0\0") : -1]
    return content[:-1] + frame * 100_000 + b";"


EXPENSIVE: dict[str, Callable[[], bytes]] = {
    "2000 scans": lambda: make_many_scans(2000),
    "a million strips": lambda: make_many_strips(1_000_000),
    "strips within the limit": lambda: make_many_strips(150_000),
    "directories": lambda: make_many_directories(50_000),
    "endless exif": make_endless_exif,
    "packed text": lambda: make_png_bomb(b"zTXt", b"Comment\0\0"),
    "packed profile": lambda: make_png_bomb(b"iCCP", b"ICC\0\0"),
    "packed pixels": lambda: make_png_bomb(b"IDAT", b""),
    "senseless profile": lambda: make_senseless_profile(10 << 20),
    "huge png": lambda: make_huge_png(14_000),
    "giant gif": lambda: make_giant(make_file("GIF"), b"GIF87a", "<HH"),
    "giant bmp": lambda: make_giant(make_file("BMP"), b"\x28\0\0\0", "<II"),
    "giant webp": lambda: make_giant(make_file("WEBP"), b"\x9d\x01\x2a", "<HH", 16_000),
    "giant avif": lambda: make_giant(make_file("AVIF", make_picture((64, 64))), _SIZE_BOX, ">II"),
    "giant jpeg 2000": _make_jpeg_2000,
    "gif of many frames": _make_gif_of_many_frames,
}
"""Builders of the files, by what is expensive about them."""
