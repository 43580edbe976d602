"""Reads the normalization of pixels from a model file's TFLite metadata. Runs in the model's worker process only.

It parses the tables itself, because Google's package for them, tflite-support, includes a second copy of TFLite.
Source of the numbers: tensorflow/lite/schema/schema.fbs, and metadata_schema.fbs of tflite-support. The n-th field of
a table is at 4 + 2 * n of its vtable.
"""

import math
import mmap
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flatbuffers import number_types
from flatbuffers.table import Table

from lib.errors import UnservableModel
from lib.serving.models.networks import Normalization

_NAME = b"TFLITE_METADATA"
_BUFFERS, _METADATA = 12, 16  # of Model
_METADATA_NAME, _METADATA_BUFFER = 4, 6  # of Metadata
_DATA, _DATA_OFFSET, _DATA_SIZE = 4, 6, 8  # of Buffer
_SUBGRAPHS = 10  # of ModelMetadata
_INPUTS = 8  # of SubGraphMetadata
_PROCESS_UNITS = 12  # of TensorMetadata
_OPTIONS_TYPE, _OPTIONS = 4, 6  # of ProcessUnit
_MEAN, _DEVIATION = 4, 6  # of NormalizationOptions
_NORMALIZATION_OPTIONS = 1
_MOST_ENTRIES = 1000
_CHANNELS = 3


def read_normalization(model_file: Path) -> Normalization:
    """Return the normalization of the first input; -1 to 1 if the file has none. Raises UnservableModel if broken."""
    try:
        with model_file.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as model:
            content = _find_metadata(model)
        return _normalization(content) if content else Normalization()
    except (struct.error, IndexError, TypeError, ValueError, OverflowError) as error:
        raise UnservableModel("the model file's metadata is broken: export the model again") from error


def _find_metadata(model: mmap.mmap) -> bytes:
    """Return the metadata buffer inside the model file; empty if there is none."""
    root = _root(model)
    for entry in _tables(root, _METADATA):
        if _bytes(entry, _METADATA_NAME) == _NAME:
            number = _number(entry, _METADATA_BUFFER, number_types.Uint32Flags)
            buffer = list(_tables(root, _BUFFERS, most=number + 1))[number]
            start = _number(buffer, _DATA_OFFSET, number_types.Uint64Flags)
            if start > 1:  # in large files the buffer follows the tables
                return model[start : start + _number(buffer, _DATA_SIZE, number_types.Uint64Flags)]
            return _bytes(buffer, _DATA)
    return b""


def _normalization(metadata: bytes) -> Normalization:
    for subgraph in _tables(_root(metadata), _SUBGRAPHS, most=1):
        for image in _tables(subgraph, _INPUTS, most=1):
            for unit in _tables(image, _PROCESS_UNITS):
                if _number(unit, _OPTIONS_TYPE, number_types.Uint8Flags) == _NORMALIZATION_OPTIONS:
                    options = _table(unit, _OPTIONS)
                    mean, deviation = _floats(options, _MEAN), _floats(options, _DEVIATION)
                    if 0.0 in deviation:
                        raise ValueError("a deviation of 0")
                    return Normalization(mean, deviation, from_metadata=True)
    return Normalization()


def _root(content: bytes | mmap.mmap) -> Table:
    return Table(content, struct.unpack_from("<I", content)[0])


def _table(parent: Table, field: int) -> Table:
    return Table(parent.Bytes, parent.Indirect(parent.Offset(field) + parent.Pos))


def _tables(parent: Table, field: int, most: int = _MOST_ENTRIES) -> Iterator[Table]:
    offset = parent.Offset(field)
    if offset:
        for index in range(min(parent.VectorLen(offset), most)):
            yield Table(parent.Bytes, parent.Indirect(parent.Vector(offset) + 4 * index))


def _bytes(parent: Table, field: int) -> bytes:
    offset = parent.Offset(field)
    if not offset:
        return b""
    start = parent.Vector(offset)
    return bytes(parent.Bytes[start : start + parent.VectorLen(offset)])


def _number(parent: Table, field: int, kind: Any) -> int:
    offset = parent.Offset(field)
    return int(parent.Get(kind, offset + parent.Pos)) if offset else 0


def _floats(options: Table, field: int) -> tuple[float, float, float]:
    """Return three numbers; the file has one for each channel or one for all."""
    offset = options.Offset(field)
    count = options.VectorLen(offset) if offset else 0
    if count not in {1, _CHANNELS}:
        raise ValueError(f"{count} numbers for {_CHANNELS} channels")
    values = struct.unpack_from(f"<{count}f", options.Bytes, options.Vector(offset))
    if not all(map(math.isfinite, values)):
        raise ValueError("not a number")
    red, green, blue = values * (_CHANNELS // count)
    return red, green, blue
