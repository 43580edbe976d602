"""JPEG files without metadata. Source of the markers: ITU-T T.81, B."""

import hashlib
import io
import re
from collections.abc import Iterable, Iterator

from PIL import Image

from lib.images.file_structure import JPEG_END, JPEG_SCAN, UnknownStructure, walk_segments
from lib.images.profile_texts import clean_profile

_HUFFMAN, _ARITHMETIC, _QUANTIZATION, _RESTART = 0xC4, 0xCC, 0xDB, 0xDD
_FRAMES = {*range(0xC0, 0xD0)} - {_HUFFMAN, 0xC8, _ARITHMETIC}
_FIRST_ARITHMETIC_FRAME = 0xC9
_RESTART_BYTES = 6
_JFIF, _ICC, _ADOBE = (0xE0, b"JFIF\0"), (0xE2, b"ICC_PROFILE\0"), (0xEE, b"Adobe")
_JFIF_BYTES, _ICC_HEADER_BYTES = 14, 14
_LARGEST_SEGMENT = 65_533

Part = tuple[int, bytes]


def strip_jpeg(content: bytes, keep_profile: bool) -> Iterator[bytes]:
    """The pieces of the file without metadata. Raises UnknownStructure, and UnusableImage for too many parts."""
    yield content[:2]
    parts = [(marker, content[start:end]) for marker, start, end in walk_segments(content)]
    if not parts or parts[-1][0] != JPEG_END:
        raise UnknownStructure
    pieces = {number: part for number, part in enumerate(parts) if _is_profile(part)} if keep_profile else {}
    profile = clean_profile(_join_profile(pieces.values()))
    first_piece = min(pieces, default=-1)
    last_scan = max((number for number, (marker, _) in enumerate(parts) if marker == JPEG_SCAN), default=-1)
    tables = _choose_tables(parts)
    for number, (marker, part) in enumerate(parts[:-1]):
        if profile and number == first_piece:
            yield from _write_profile(profile)
        if marker == JPEG_SCAN or (marker in tables and number < last_scan):
            yield part
        elif _is(_JFIF, marker, part) and len(part) >= 4 + _JFIF_BYTES:
            # Its last two bytes are the size of a thumbnail that would follow.
            yield b"\xff\xe0\0\x10" + part[4 : 2 + _JFIF_BYTES] + b"\0\0"
        elif _is(_ADOBE, marker, part) and len(part) >= 16:
            yield b"\xff\xee\0\x0e" + part[4:16]
    yield parts[-1][1]


def _choose_tables(parts: list[Part]) -> set[int]:
    """The markers whose segments this picture needs before its last scan. Raises UnknownStructure for an odd one.

    A number of lines (DNL) is not needed where the frame says it, which is everywhere but in the odd ones.
    """
    frames = {marker for marker, _ in parts if marker in _FRAMES}
    for marker, part in parts:
        is_odd_frame = marker in _FRAMES and not any(part[5:7])
        if is_odd_frame or (marker == _RESTART and len(part) != _RESTART_BYTES):
            raise UnknownStructure
    arithmetic = {_ARITHMETIC} if max(frames, default=0) >= _FIRST_ARITHMETIC_FRAME else set()
    return {*frames, *arithmetic, _HUFFMAN, _QUANTIZATION, _RESTART}


def _is(kind: Part, marker: int, part: bytes) -> bool:
    return marker == kind[0] and part.startswith(kind[1], 4)


def _is_profile(part: Part) -> bool:
    return _is(_ICC, *part) and len(part[1]) > 4 + _ICC_HEADER_BYTES


def _join_profile(pieces: Iterable[Part]) -> bytes:
    """The ICC profile, whose pieces are numbered. Source: ICC.1:2022, B.4."""
    numbered = sorted((part[4 + len(_ICC[1])], part[4 + _ICC_HEADER_BYTES :]) for _, part in pieces)
    return b"".join(piece for _, piece in numbered)


def _write_profile(profile: bytes) -> Iterator[bytes]:
    most = _LARGEST_SEGMENT - _ICC_HEADER_BYTES
    pieces = [profile[start : start + most] for start in range(0, len(profile), most)]
    for number, piece in enumerate(pieces, 1):
        length = 2 + _ICC_HEADER_BYTES + len(piece)
        yield b"\xff\xe2" + length.to_bytes(2) + _ICC[1] + bytes((number, len(pieces))) + piece


_END_BYTES = 2
# Compressed data end like this in one file of 400.
_TEXT = re.compile(rb"[\t\n\r\x20-\x7e]{6}")
_LOOKED_AT_BYTES = 24
_REPLACED_BYTES = 6
_REPLACEMENTS = (0x55, 0xAA, 0x0F)


def ends_in_text(jpeg: bytes) -> bool:
    """Whether a whole JPEG, with nothing but its end behind its last scan, has text behind its compressed data."""
    end = len(jpeg[:-_END_BYTES].rstrip(b"\0\xff"))
    if not _TEXT.fullmatch(jpeg[max(0, end - _LOOKED_AT_BYTES) : end].replace(b"\0", b"")[-_REPLACED_BYTES:]):
        return False
    pixels = _decode(jpeg)
    return all(_decode(_replace(jpeg, end, value)) == pixels for value in _REPLACEMENTS)


def _replace(jpeg: bytes, end: int, value: int) -> bytes:
    return jpeg[: end - _REPLACED_BYTES] + bytes((value,)) * _REPLACED_BYTES + jpeg[end:]


def _decode(jpeg: bytes) -> bytes:
    """A hash of the pixels; empty where there are none."""
    try:
        with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as picture:
            return hashlib.sha256(picture.tobytes()).digest()
    except (OSError, SyntaxError, ValueError):
        return b""
