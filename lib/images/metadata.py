"""Files without what they say beside the picture: where, when, by whom and with what it was taken.

The compressed picture is copied as it is, so that no pixel changes. Kept is what colours need, and nothing else.
"""

import re
import zlib
from collections.abc import Iterator

from lib.images.profile_texts import LARGEST_PROFILE_BYTES, clean_name, clean_profile

_JPEG, _PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
_LOCATION = re.compile(rb"GPSLatitude|GPSPosition|G\0P\0S\0L\0a\0t\0i\0t\0u\0d\0e\0")

# What ends a scan's data: any marker but a stuffed zero, a restart, and a fill byte. Source: ITU-T T.81, B.1.1.
_AFTER_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_END, _SCAN = 0xD9, 0xDA
# Frames, Huffman and arithmetic tables, quantization, number of lines, restart interval, hierarchy.
_PICTURE_MARKERS = {*range(0xC0, 0xD0), 0xDB, 0xDC, 0xDD, 0xDE, 0xDF}
_JFIF, _ICC, _ADOBE = (0xE0, b"JFIF\0"), (0xE2, b"ICC_PROFILE\0"), (0xEE, b"Adobe")
_JFIF_BYTES, _ICC_HEADER_BYTES = 14, 14
_LARGEST_SEGMENT = 65_533

# Chunks of a PNG that its pixels and colours need, with the most bytes each may have. Source: W3C PNG, 11.
_PNG_CHUNKS = {
    **dict.fromkeys((b"IHDR", b"PLTE", b"IDAT", b"IEND"), 1 << 31),
    b"tRNS": 256,
    b"gAMA": 4,
    b"cHRM": 32,
    b"sRGB": 1,
    b"sBIT": 4,
    b"cICP": 4,
    b"pHYs": 9,
}


class UnknownStructure(Exception):
    """The parts of a file cannot be told from each other, so that nothing can be left out safely."""


def strip_metadata(content: bytes, *, keep_profile: bool = True) -> bytes:
    """Return a JPEG or PNG file without metadata; the same bytes where there is none.

    The colour profile stays, without texts that are not a profile's usual ones. What follows the picture is dropped.
    Raises UnknownStructure where that cannot be done without decoding.
    """
    if content.startswith(_JPEG):
        stripped = b"".join(_strip_jpeg(content, keep_profile))
    elif content.startswith(_PNG):
        stripped = b"".join(_strip_png(content, keep_profile))
    else:
        raise UnknownStructure
    return content if stripped == content else stripped


def names_location(content: bytes) -> bool:
    """Whether XMP anywhere in these bytes says where the picture was taken."""
    return bool(_LOCATION.search(content))


def _strip_jpeg(content: bytes, keep_profile: bool) -> Iterator[bytes]:
    yield content[:2]
    parts = _read_segments(content)
    profile = b"".join(part for _, part in sorted(_find_profile_parts(parts))) if keep_profile else b""
    profile = clean_profile(profile)
    for number, (marker, part) in enumerate(parts):
        if profile and number == _first_profile_part(parts):
            yield from _write_profile(profile)
        if marker in _PICTURE_MARKERS or marker in (_SCAN, _END):
            yield part
        elif _is(_JFIF, marker, part) and len(part) >= 4 + _JFIF_BYTES:
            # Its last two bytes are the size of a thumbnail that would follow.
            yield b"\xff\xe0\0\x10" + part[4 : 2 + _JFIF_BYTES] + b"\0\0"
        elif _is(_ADOBE, marker, part) and len(part) >= 16:
            yield b"\xff\xee\0\x0e" + part[4:16]


def _read_segments(content: bytes) -> list[tuple[int, bytes]]:
    """Each marker with its segment, a scan with its data; up to the end of the image, which must be there."""
    parts: list[tuple[int, bytes]] = []
    at = 2
    while True:
        found = _AFTER_SCAN.search(content, at)
        if found is None:
            raise UnknownStructure
        marker, start = content[found.end() - 1], found.end() - 2
        if marker == _END:
            return [*parts, (marker, b"\xff\xd9")]
        if marker in (0x01, 0xD8):
            at = found.end()
            continue
        at = found.end() + int.from_bytes(content[found.end() : found.end() + 2])
        if at > len(content) or at < found.end() + 2:
            raise UnknownStructure
        if marker == _SCAN:
            following = _AFTER_SCAN.search(content, at)
            at = following.start() if following else len(content)
        parts.append((marker, content[start:at]))


def _is(kind: tuple[int, bytes], marker: int, part: bytes) -> bool:
    return marker == kind[0] and part.startswith(kind[1], 4)


def _find_profile_parts(parts: list[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
    """The pieces of the ICC profile with their numbers. Source: ICC.1:2022, B.4."""
    for marker, part in parts:
        if _is(_ICC, marker, part) and len(part) > 4 + _ICC_HEADER_BYTES:
            yield part[4 + len(_ICC[1])], part[4 + _ICC_HEADER_BYTES :]


def _first_profile_part(parts: list[tuple[int, bytes]]) -> int:
    return next(number for number, (marker, part) in enumerate(parts) if _is(_ICC, marker, part))


def _write_profile(profile: bytes) -> Iterator[bytes]:
    most = _LARGEST_SEGMENT - _ICC_HEADER_BYTES
    pieces = [profile[start : start + most] for start in range(0, len(profile), most)]
    for number, piece in enumerate(pieces, 1):
        length = 2 + _ICC_HEADER_BYTES + len(piece)
        yield b"\xff\xe2" + length.to_bytes(2) + _ICC[1] + bytes((number, len(pieces))) + piece


def _strip_png(content: bytes, keep_profile: bool) -> Iterator[bytes]:
    yield _PNG
    at = len(_PNG)
    name = b""
    while name != b"IEND":
        length, name = int.from_bytes(content[at : at + 4]), content[at + 4 : at + 8]
        chunk = content[at : at + 12 + length]
        if len(chunk) != 12 + length:
            raise UnknownStructure
        at += len(chunk)
        if name == b"iCCP" and keep_profile:
            yield _clean_png_profile(chunk)
        elif length <= _PNG_CHUNKS.get(name, -1):
            yield chunk


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
