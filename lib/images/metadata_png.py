"""PNG files without metadata. Source of the chunks: W3C PNG, 11."""

import struct
import zlib
from collections.abc import Iterator

from lib.images.file_structure import UnknownStructure, walk_chunks
from lib.images.profile_texts import LARGEST_PROFILE_BYTES, clean_name, clean_profile

_START, _HEADER = b"\x89PNG\r\n\x1a\n", b"IHDR"
_COLOR_TYPE_AT = 25
_GRAY, _RGB, _PALETTE, _GRAY_ALPHA, _RGB_ALPHA = 0, 2, 3, 4, 6
_CHANNELS = {_GRAY: 1, _RGB: 3, _PALETTE: 1, _GRAY_ALPHA: 2, _RGB_ALPHA: 4}
_PIECE_BYTES = 16 << 10  # deflate unpacks them to 16 MB at most
_MOST_UNPACKED = 1 << 30
# Chunks of numbers of four bytes, which are small: 100,000 stands for 1. Text would make them large.
_SMALL_NUMBERS = {b"gAMA", b"cHRM"}

# How many bytes each chunk may have that pixels and colors need, whatever the color type is.
_LENGTHS = {b"gAMA": {4}, b"cHRM": {32}, b"sRGB": {1}, b"cICP": {4}, b"pHYs": {9}}
# The same of chunks that depend on it.
_PALETTE_LENGTHS = set(range(3, 769, 3))
_TRANSPARENT_LENGTHS = {_GRAY: {2}, _RGB: {6}, _PALETTE: set(range(1, 257))}
_DEPTH_LENGTHS = {_GRAY: {1}, _RGB: {3}, _PALETTE: {3}, _GRAY_ALPHA: {2}, _RGB_ALPHA: {4}}


def strip_png(content: bytes, keep_profile: bool) -> Iterator[bytes]:
    """The pieces of the file without metadata. Raises UnknownStructure, and UnusableImage for too many parts."""
    chunks = list(walk_chunks(content))
    if not chunks or chunks[-1][0] != b"IEND" or chunks[0] != (_HEADER, 16, 29):
        raise UnknownStructure
    lengths = _choose_lengths(content[_COLOR_TYPE_AT])
    yield content[:33]
    before_picture = True
    pixels = _Pixels(content[16:29])
    for name, start, end in chunks[1:-1]:
        if name == b"IDAT":
            before_picture = False
            packed = content[start:end]
            kept = pixels.truncate(packed)
            if kept:
                yield content[start - 8 : end + 4] if kept == packed else _write_chunk(b"IDAT", kept)
        elif before_picture and name == b"iCCP" and keep_profile:
            keep_profile = False  # there is one
            yield _clean_png_profile(content[start - 8 : end + 4])
        elif before_picture and end - start in lengths.pop(name, ()):
            if name in _SMALL_NUMBERS and any(content[start:end:4]):
                continue
            yield content[start - 8 : end + 4]
    yield _write_chunk(b"IEND", b"")


def _choose_lengths(color_type: int) -> dict[bytes, set[int]]:
    """Chunks that a picture of this type needs before its pixels, with the numbers of bytes they may have."""
    return {
        **_LENGTHS,
        b"PLTE": _PALETTE_LENGTHS if color_type == _PALETTE else set(),
        b"tRNS": _TRANSPARENT_LENGTHS.get(color_type, set()),
        b"sBIT": _DEPTH_LENGTHS.get(color_type, set()),
    }


class _Pixels:
    """The compressed pixels of a picture, unpacked and thrown away to see where they end."""

    def __init__(self, header: bytes) -> None:
        width, height, depth, color_type, _, _, is_interlaced = struct.unpack(">IIBBBBB", header)
        row_bytes = 1 + (width * depth * _CHANNELS.get(color_type, 4) + 7) // 8
        # Interlaced, a picture has up to twice the rows, each with a filter byte and up to a byte of padding.
        most = height * row_bytes + (4 * height + 14 if is_interlaced else 0)
        self._left = min(most, _MOST_UNPACKED)
        self._unpacking = zlib.decompressobj()

    def truncate(self, packed: bytes) -> bytes:
        """These bytes up to the end of the pixels. Raises UnknownStructure for broken ones, and for too many pixels."""
        for at in range(0, len(packed), _PIECE_BYTES):
            if self._unpacking.eof:
                return packed[:at]
            piece = packed[at : at + _PIECE_BYTES]
            try:
                self._left -= len(self._unpacking.decompress(piece))
            except zlib.error as error:
                raise UnknownStructure from error
            if self._left < 0:
                raise UnknownStructure
            if self._unpacking.unused_data:
                return packed[: at + len(piece) - len(self._unpacking.unused_data)]
        return packed


def _clean_png_profile(chunk: bytes) -> bytes:
    name, _, compressed = chunk[8:-4].partition(b"\0")
    try:
        profile = zlib.decompressobj().decompress(compressed[1:], LARGEST_PROFILE_BYTES + 1)
    except zlib.error:
        return b""
    cleaned = clean_profile(profile)
    known_name = clean_name(name)
    if (cleaned, known_name) == (profile, name):
        return chunk
    return _write_chunk(b"iCCP", known_name + b"\0\0" + zlib.compress(cleaned)) if cleaned else b""


def _write_chunk(name: bytes, content: bytes) -> bytes:
    return len(content).to_bytes(4) + name + content + zlib.crc32(name + content).to_bytes(4)
