"""JSON objects from untrusted sources, limited to what protobuf can take."""

import json
from typing import Any

MAX_VALUES = 100_000
_SEPARATORS = (b"[", b"{", b",")


def read_json_object(content: bytes, max_values: int = MAX_VALUES) -> dict[str, Any]:
    """Parse a JSON object with at most about `max_values` values. Raises ValueError for anything else.

    The limit exists because an empty list of two bytes takes 64 in memory.
    """
    if sum(content.count(separator) for separator in _SEPARATORS) > max_values:
        raise ValueError(f"More than {max_values:,} values.")
    try:
        # Decoded here because json.loads would also accept UTF-16, UTF-32 and lone surrogates.
        fields = json.loads(content.decode("utf-8-sig"))
    except RecursionError as error:
        raise ValueError("Nested too deeply.") from error
    if not isinstance(fields, dict):
        raise ValueError("Expected an object.")
    _check_text(fields)
    return fields


def _check_text(fields: dict[str, Any]) -> None:
    """Raise ValueError for a lone surrogate in any name or text.

    When protobuf looks up a field by such a name, it raises an error that is not its parse error.
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
