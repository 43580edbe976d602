"""Wording that pages, the audit log and commands share."""

import re

_NUMBERS = re.compile(r"(\d+)", re.ASCII)


def format_count(count: int, noun: str) -> str:
    """Return a number with its noun: "1 prediction", "1,200 predictions"."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def natural_order(name: str) -> list[tuple[int, str]]:
    """Return a sort key that compares numbers by value: v2 comes before v10."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in _NUMBERS.split(name)]
