"""JSON objects as protobuf can take them."""

import json
from typing import Any

MOST_VALUES = 100_000
_SEPARATORS = (b"[", b"{", b",")


def read_json_object(content: bytes, most_values: int = MOST_VALUES) -> dict[str, Any]:
    """The object that the JSON is. Raises ValueError for all else, however deep or broken.

    It may have about `most_values` values: an empty list of two bytes takes 64 in memory.
    """
    if sum(content.count(separator) for separator in _SEPARATORS) > most_values:
        raise ValueError(f"More than {most_values:,} values.")
    try:
        # Decoded here: left to it, json would take other encodings, and halves of characters in this one.
        fields = json.loads(content.decode("utf-8-sig"))
    except RecursionError as error:
        raise ValueError("Too deep.") from error
    if not isinstance(fields, dict):
        raise ValueError("Expected an object.")
    _check_text(fields)
    return fields


def _check_text(fields: dict[str, Any]) -> None:
    """Raise ValueError for half a character (a lone surrogate) in any name or text.

    Where protobuf looks one up as the name of a field, it ends in an error that is no error of parsing.
    """
    waiting: list[Any] = [fields]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += [*value.keys(), *value.values()]
        elif isinstance(value, list):
            waiting += value
        elif isinstance(value, str) and not value.isascii():
            value.encode()
