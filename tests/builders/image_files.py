"""Image files as people bring them, built for tests."""

import io
import struct
import zlib
from typing import Any

import pillow_heif
from PIL import ExifTags, Image, ImageCms

RED, BLUE, WHITE = (255, 0, 0), (0, 0, 255), (255, 255, 255)
Size = tuple[int, int]
Color = tuple[int, int, int]


def make_picture(size: Size = (32, 16), left: Color = RED, right: Color = BLUE) -> Image.Image:
    """A picture of two halves."""
    picture = Image.new("RGB", size, left)
    picture.paste(right, (size[0] // 2, 0, *size))
    return picture


def make_corner(size: Size = (32, 16)) -> Image.Image:
    """A white picture whose first quarter, where its first row and first column meet, is red."""
    picture = Image.new("RGB", size, WHITE)
    picture.paste(RED, (0, 0, size[0] // 2, size[1] // 2))
    return picture


def make_noise(size: Size = (256, 256)) -> Image.Image:
    """A picture that no format stores in few bytes."""
    return Image.effect_noise(size, 100).convert("RGB")


def make_file(format_name: str, picture: Image.Image | None = None, **options: Any) -> bytes:
    stream = io.BytesIO()
    (picture or make_picture()).save(stream, format_name, **options)
    return stream.getvalue()


def make_jpeg(picture: Image.Image | None = None, **options: Any) -> bytes:
    return make_file("JPEG", picture, **{"quality": 95, "subsampling": 0, **options})


def make_copy(jpeg: bytes, number: int) -> bytes:
    """Another file of the same picture, to be printed at as many dots an inch."""
    return jpeg[:14] + (100 + number).to_bytes(2) + jpeg[16:]


def make_exif(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.Make] = "A camera"
    return exif


def make_heic(picture: Image.Image | None = None, **options: Any) -> bytes:
    stream = io.BytesIO()
    pillow_heif.from_pillow(picture or make_picture((64, 64))).save(stream, quality=90, **options)
    return stream.getvalue()


def make_frames(format_name: str) -> bytes:
    """Three frames (or pages): red and blue, blue and red, white."""
    others = [make_picture(left=BLUE, right=RED), make_picture(left=WHITE, right=WHITE)]
    return make_file(format_name, save_all=True, append_images=others)


def make_png(size: Size, rows: bytes, depth: int = 8, color_type: int = 0) -> bytes:
    """A PNG written by hand, for what Pillow does not write. Each row begins with a filter byte of 0."""
    header = struct.pack(">IIBBBBB", *size, depth, color_type, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(write_chunk(name, content) for name, content in chunks)


def write_chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def make_huge_png(side_px: int = 9000) -> bytes:
    """Black, of one bit a pixel: 81 megapixels in about 10 kB."""
    return make_png((side_px, side_px), bytes(side_px * (side_px // 8 + 1)), depth=1)


def make_profile() -> bytes:
    """A color profile without the time at which it was made (ICC.1, 7.2.8), so that it is the same each time."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile[:24] + bytes(12) + profile[36:]


def open_sent(content: bytes) -> Image.Image:
    """The picture as the receiver of a file decodes it."""
    picture = Image.open(io.BytesIO(content))
    picture.load()
    return picture


def get_color(content: bytes, position: tuple[int, int]) -> tuple[int, ...]:
    """Color of one pixel of a file: red, green, blue."""
    color = open_sent(content).convert("RGB").getpixel(position)
    assert isinstance(color, tuple)
    return tuple(int(value) for value in color)
