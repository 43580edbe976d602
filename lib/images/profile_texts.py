"""Removes texts from ICC profiles that may identify a person or a device. Source of all offsets: ICC.1:2022."""

import re
import struct
from collections.abc import Iterator

LARGEST_PROFILE_BYTES = 4 << 20
_HEADER_BYTES, _ENTRY_BYTES, _MOST_TAGS = 128, 12, 100
# Numbers with how many bytes they have: one color, nine numbers of a matrix, a signature, and so on.
_FIXED_BYTES = {b"XYZ ": 20, b"sf32": 44, b"meas": 36, b"view": 36, b"sig ": 12, b"cicp": 12}
_PARAMETERS = (1, 3, 4, 5, 7)
_TABLES = {b"mft1", b"mft2", b"mAB ", b"mBA "}
_TEXTS = {b"text", b"desc", b"mluc"}
_WORD = re.compile(r"[^\W\d_]+|\d+(?:\.\d+)*")

# Words in the profiles of cameras, phones, browsers and programs. A text with any other word may name its owner.
_USUAL_WORDS = """
    a all and apple adobe appearance beta black bt built builtin by c ch co color color colorspace company compatible
    condition consortium copyright corporation crt d dci default display dot eastman eci ecirgb free freely from g gain
    gamma generic gimp google gray grayscale gray h hewlett http https icc iec image in inc incorporated intent
    international itu jpeg kodak lcms lightroom linear microsoft mm no notice of org p packard perceptual photo
    preference primaries profile prophoto public domain r rec reference relative rendering reserved rgb rights romm s
    scrgb sgrey sgray space srgb state systems the trc unrestricted untagged use v viewing web wide widegamut with www
    x year yuv
"""
# Versions, gammas, illuminants and standards: BT.709, SMPTE 432, IEC 61966-2.1, ISO 22028. Others may be a place.
_USUAL_NUMBERS = """
    0 1 2 3 4 5 6 7 8 9 50 55 65 240 431 432 601 709 1931 2020 2084 2100 22028 61966
    1.0 1.8 2.0 2.1 2.2 2.4 4.0 4.2 4.3 4.4
"""
_YEARS = map(str, range(1990, 2040))
_KNOWN_WORDS = frozenset((*_USUAL_WORDS.split(), *_USUAL_NUMBERS.split(), *_YEARS))


def are_known_words(text: str) -> bool:
    """Report whether a text has only words of common profiles."""
    return all(word.lower() in _KNOWN_WORDS for word in _WORD.findall(text))


def clean_name(name: bytes) -> bytes:
    """Return a PNG's name of its profile, or a neutral name in its place."""
    return name if are_known_words(name.decode("latin-1")) else b"ICC profile"


def clean_profile(profile: bytes) -> bytes:
    """Return a profile of the same colors and size without uncommon texts and tags.

    Empty if it is not a profile, or larger than `LARGEST_PROFILE_BYTES`.
    """
    try:
        return _clean(profile, list(_read_tags(profile)))
    except struct.error:
        return b""


def _clean(profile: bytes, tags: list[tuple[int, int]]) -> bytes:
    cleaned = bytearray(len(profile))
    table_end = _HEADER_BYTES + 4 + len(tags) * _ENTRY_BYTES
    cleaned[:100] = profile[:100]  # the rest of the header is reserved
    cleaned[_HEADER_BYTES:table_end] = profile[_HEADER_BYTES:table_end]
    for start, size in tags:
        cleaned[start : start + size] = _clean_tag(profile[start : start + size])
    if cleaned != profile:
        cleaned[84:100] = bytes(16)  # the checksum covers the texts, too; zeros mean that there is none
    return bytes(cleaned)


def _read_tags(profile: bytes) -> Iterator[tuple[int, int]]:
    """Yield the start and size of each tag's content. Raises struct.error if the table is invalid."""
    size, count = struct.unpack_from(">I", profile)[0], struct.unpack_from(">I", profile, _HEADER_BYTES)[0]
    table_end = _HEADER_BYTES + 4 + count * _ENTRY_BYTES
    is_whole = size == len(profile) <= LARGEST_PROFILE_BYTES and profile[36:40] == b"acsp"
    if not is_whole or not 0 < count <= _MOST_TAGS or table_end > len(profile):
        raise struct.error
    for entry in range(_HEADER_BYTES + 4, table_end, _ENTRY_BYTES):
        start, size = struct.unpack_from(">II", profile, entry + 4)
        if start < table_end or start + size > len(profile):
            raise struct.error
        yield start, size


def _clean_tag(content: bytes) -> bytes:
    kind = content[:4]
    if kind in _TABLES:
        return content
    if kind in _FIXED_BYTES or kind in (b"curv", b"para", b"chrm"):
        return (kind + bytes(4) + content[8 : _count_bytes(kind, content)]).ljust(len(content), b"\0")[: len(content)]
    if kind in _TEXTS and all(map(are_known_words, _find_texts(content))):
        return content
    if kind == b"mluc":  # a table of texts, without entries
        return (b"mluc\0\0\0\0\0\0\0\0\0\0\0\x0c" + bytes(len(content)))[: len(content)]
    if kind == b"desc":  # a text of one byte, its end
        return (b"desc\0\0\0\0\0\0\0\x01" + bytes(len(content)))[: len(content)]
    return kind + bytes(max(0, len(content) - 4))


def _count_bytes(kind: bytes, content: bytes) -> int:
    """Return how many bytes of a tag hold its numbers. Raises struct.error for a broken tag."""
    if kind in _FIXED_BYTES:
        return _FIXED_BYTES[kind]
    if kind == b"curv":
        return 12 + 2 * int(struct.unpack_from(">I", content, 8)[0])
    (number,) = struct.unpack_from(">H", content, 8)
    if kind == b"chrm":
        return 12 + 8 * int(number)
    return 12 + 4 * (_PARAMETERS[number] if number < len(_PARAMETERS) else 0)


def _find_texts(content: bytes) -> Iterator[str]:
    """Yield the texts of a tag in all languages. Raises struct.error for a broken tag."""
    if content[:4] == b"text":
        yield content[8:].decode("latin-1")
    elif content[:4] == b"mluc":
        (count,) = struct.unpack_from(">I", content, 8)
        yield content[16 + min(count, _MOST_TAGS) * _ENTRY_BYTES :].decode("utf-16-be", "replace")
    else:
        (size,) = struct.unpack_from(">I", content, 8)
        after = 12 + size + 8
        (wide,) = struct.unpack_from(">I", content, after - 4)
        yield content[12 : 12 + size].decode("latin-1")
        yield content[after : after + 2 * wide].decode("utf-16-be", "replace")
        yield content[after + 2 * wide :].replace(b"\0", b"").decode("latin-1")
