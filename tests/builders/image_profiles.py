"""ICC profiles of known color spaces, written by hand. Source of the layout: ICC.1:2022."""

import struct
from collections.abc import Sequence

# Red, green and blue as X, Y, Z under D50. Sources: SMPTE EG 432-1 and the sRGB gamut's own profile for Display P3;
# Adobe RGB (1998) Color Image Encoding, 4.3.1; ISO 22028-2 for ROMM (ProPhoto).
DISPLAY_P3 = ((0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407))
ADOBE_RGB = ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457))
PROPHOTO = ((0.79767, 0.28804, 0.00000), (0.13519, 0.71188, 0.00000), (0.03134, 0.00009, 0.82491))
_D50 = (0.96420, 1.00000, 0.82491)


def make_rgb_profile(name: str, primaries: Sequence[Sequence[float]], gamma: float = 2.2) -> bytes:
    """A profile of a display with these primaries and a plain gamma."""
    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256)) + bytes(2)
    red, green, blue = map(_make_xyz, primaries)
    tags = {
        b"desc": _make_text(name),
        b"cprt": _make_text("Public Domain"),
        b"wtpt": _make_xyz(_D50),
        b"rXYZ": red,
        b"gXYZ": green,
        b"bXYZ": blue,
        **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve),
    }
    table, content = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for signature, tag in tags.items():
        table += signature + struct.pack(">II", start + len(content), len(tag))
        content += tag + bytes(-len(tag) % 4)
    size = start + len(content)
    head = struct.pack(">I4sI", size, bytes(4), 0x04000000) + b"mntrRGB XYZ " + bytes(12) + b"acsp" + bytes(28)
    return (head + _make_xyz(_D50)[8:]).ljust(128, b"\0") + table + content


def _make_xyz(values: Sequence[float]) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(value * 65536) for value in values))


def _make_text(text: str) -> bytes:
    encoded = text.encode("utf-16-be")
    return b"mluc" + bytes(4) + struct.pack(">II4sII", 1, 12, b"enUS", len(encoded), 28) + encoded
