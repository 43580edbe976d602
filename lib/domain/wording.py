"""Wording that pages, the audit log and commands share."""


def format_count(count: int, noun: str) -> str:
    """Return a number with its noun: "1 prediction", "1,200 predictions"."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
