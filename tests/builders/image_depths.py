"""Gray files of depths that Pillow does not write."""

import io
import struct
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Rows = Sequence[Sequence[int]] | NDArray[np.int64]


def make_tiff(rows: Rows, bits: int, order: str = "<", **tags: int) -> bytes:
    """An uncompressed gray TIFF of packed values; `tags` are more of them, as `t262=0`.

    Values of 16 bits follow the byte order, all others are packed from the highest bit on (TIFF 6.0, page 29).
    """
    data = b"".join(_pack(row, bits, order) for row in rows)
    named = {256: len(rows[0]), 257: len(rows), 258: bits, 259: 1, 262: 1, 277: 1, 278: len(rows), 279: len(data)}
    named |= {int(name[1:]): value for name, value in tags.items()}
    named[273] = 8 + 2 + 12 * (len(named) + 1) + 4
    # Types 3 and 4 are of 2 and 4 bytes, each in a field of 4.
    entries = [
        struct.pack(f"{order}HHIHH", tag, 3, 1, value, 0)
        if value < 65536
        else struct.pack(f"{order}HHII", tag, 4, 1, value)
        for tag, value in sorted(named.items())
    ]
    start = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}IH", 8, len(entries))
    return start + b"".join(entries) + bytes(4) + data


def make_jpeg_2000(rows: Rows, bits: int) -> bytes:
    """A lossless gray codestream of 1 to 16 bits.

    It is written with 8 or 16 and then renamed. A decoder adds half of the range to what is stored (ISO 15444-1, G.1):
    the difference between both halves is added before.
    """
    stored = 8 if bits <= 8 else 16
    values = np.asarray(rows) + (1 << stored - 1) - (1 << bits - 1)
    stream = io.BytesIO()
    picture = Image.fromarray(values.astype(f"uint{stored}"))
    picture.save(stream, "JPEG2000", no_jp2=True, irreversible=False)
    content = bytearray(stream.getvalue())
    assert content[42] == stored - 1
    content[42] = bits - 1
    return bytes(content)


def _pack(row: Sequence[int] | NDArray[np.int64], bits: int, order: str) -> bytes:
    if bits == 16:
        return struct.pack(f"{order}{len(row)}H", *(int(value) for value in row))
    text = "".join(f"{int(value):0{bits}b}" for value in row)
    text += "0" * (-len(text) % 8)
    return int(text, 2).to_bytes(len(text) // 8)
