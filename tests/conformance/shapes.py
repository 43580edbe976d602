"""Compares the shape of an answer with one that Google documents: fields and their types, not values."""

from collections.abc import Iterator
from typing import Any

# JSON's types by Google's words for them. Whole numbers are numbers, too.
_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
}


def describe(sample: Any) -> Any:
    """Return the shape of a sample: each value replaced by Google's name of its type."""
    if isinstance(sample, dict):
        return {name: describe(value) for name, value in sample.items()}
    if isinstance(sample, list):
        return [describe(item) for item in sample[:1]]
    return next(word for word in ("boolean", "string", "integer", "number") if _fits(sample, word))


def find_undocumented(answer: Any, shape: Any, place: str = "answer") -> list[str]:
    """Places in the answer that the shape does not have, or has with another type."""
    return list(_undocumented(answer, shape, place))


def find_missing(answer: Any, shape: Any, place: str = "answer") -> list[str]:
    """Places of the shape that the answer does not have, or has with another type."""
    return list(_missing(answer, shape, place))


def _undocumented(answer: Any, shape: Any, place: str) -> Iterator[str]:
    if isinstance(answer, dict) and isinstance(shape, dict):
        for name, value in answer.items():
            yield from _undocumented(value, shape.get(name), f"{place}.{name}")
    elif isinstance(answer, list) and isinstance(shape, list):
        for item in answer:
            yield from _undocumented(item, shape[0], f"{place}[]")
    elif not _fits(answer, shape):
        yield place


def _missing(answer: Any, shape: Any, place: str) -> Iterator[str]:
    if isinstance(answer, dict) and isinstance(shape, dict):
        for name, wanted in shape.items():
            yield from _missing(answer.get(name), wanted, f"{place}.{name}")
    elif isinstance(answer, list) and isinstance(shape, list) and answer:
        for item in answer:
            yield from _missing(item, shape[0], f"{place}[]")
    elif not _fits(answer, shape):
        yield place


def _fits(value: Any, word: Any) -> bool:
    wanted = _TYPES.get(word, ()) if isinstance(word, str) else ()
    # True and false are whole numbers to Python, and not to JSON.
    return isinstance(value, wanted) and (bool in wanted or not isinstance(value, bool))
