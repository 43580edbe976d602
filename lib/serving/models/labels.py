"""The labels of a model, one per line in the order of its output, and problems with them."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lib.errors import UnservableModel
from lib.serving.models.label_characters import find_invisible, find_unshowable, with_plain_spaces, without_invisible

MOST_LABELS = 100_000
MOST_CHARACTERS = 500
_LINE_END = re.compile(r"\r\n|\r|\n")
# Punctuation right before another digit is part of a number, as in 0.5 and 1-2.
_NUMBERED = re.compile(r"(\d{1,6})(?:\s*[:.,;)_\u2013\u2014-](?:\s+|(?=\D))|\s+)(?=\S)")
_PYTHON_BYTES = re.compile(r"""b(['"])(.*)\1""")
_ESCAPE = re.compile(rb"\\(?:x([0-9a-fA-F]{2})|(.))")
_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class LabelList:
    """Labels in NFC, in the order of the output. `lines` are their line numbers in the file, from 1."""

    labels: tuple[str, ...]
    lines: tuple[int, ...]


def read_labels(content: bytes) -> LabelList:
    """Return the labels in a text file. Raises UnservableModel if they are invalid."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnservableModel("the labels are not UTF-8 text") from error
    # Counted before splitting: an empty line takes a hundred times its size.
    if text.count("\n") + text.count("\r") > 3 * MOST_LABELS:
        raise UnservableModel(f"more than {MOST_LABELS:,} labels")
    lines = [with_plain_spaces(line) for line in _LINE_END.split(text)]
    numbers = tuple(number for number, line in enumerate(lines, 1) if line)
    labels = tuple(unicodedata.normalize("NFC", line) for line in lines if line)
    if len(labels) > MOST_LABELS:
        raise UnservableModel(f"more than {MOST_LABELS:,} labels")
    for number, label in zip(numbers, labels, strict=True):
        _check(label, number)
    found = LabelList(labels, numbers)
    _check_appearance(found)
    return found


def find_notices(found: LabelList) -> tuple[str, ...]:
    """Return problems with labels that can be served anyway, and what to do, a sentence or two each."""
    return (*find_unclean(found.labels), *_find_duplicates(found), *_find_invisible(found))


def find_unclean(labels: Sequence[str]) -> tuple[str, ...]:
    """Return the problems that `clean_labels` fixes."""
    notices = []
    plain = _without_all_bytes(labels)
    written = [label for label, cleaned in zip(labels, plain, strict=True) if label != cleaned]
    if written:
        notices.append(f"Labels are written as Python bytes, such as {written[0]:.60}. Keep only what the quotes hold.")
    if _without_numbers(plain) != plain:
        notices.append(f'Labels start with their numbers, such as "{labels[0]:.60}". Remove the numbers from dict.txt.')
    return tuple(notices)


def clean_labels(labels: Sequence[str]) -> tuple[str, ...]:
    """Return the labels without Python's b'…', and without numbers if all of them start with their own.

    Neither is removed if two labels would become equal, such as "2 stars" and "3 stars".
    """
    return _without_numbers(_without_all_bytes(labels))


def _check(label: str, number: int) -> None:
    if len(label) > MOST_CHARACTERS:
        raise UnservableModel(f"the label on line {number} has more than {MOST_CHARACTERS} characters")
    unshowable = find_unshowable(label)
    if unshowable:
        raise UnservableModel(f"the label on line {number} has the control character {unshowable}")


def _check_appearance(found: LabelList) -> None:
    """Raise UnservableModel if two labels differ only in invisible characters."""
    first: dict[str, tuple[str, int]] = {}
    for label, number in zip(found.labels, found.lines, strict=True):
        other, line = first.setdefault(without_invisible(label), (label, number))
        if other != label:
            invisible = find_invisible(label) or find_invisible(other)
            raise UnservableModel(
                f"the labels on lines {line} and {number} look the same: one has the invisible character {invisible}"
            )


def _find_invisible(found: LabelList) -> Iterator[str]:
    marked = [(number, find_invisible(label)) for label, number in zip(found.labels, found.lines, strict=True)]
    lines = [(number, invisible) for number, invisible in marked if invisible]
    for number, invisible in lines[:_MOST_NAMED]:
        yield f"The label on line {number} has the invisible character {invisible}. Remove it from dict.txt."
    if len(lines) > _MOST_NAMED:
        yield f"{len(lines) - _MOST_NAMED:,} more labels have invisible characters."


def _find_duplicates(found: LabelList) -> Iterator[str]:
    lines: dict[str, list[int]] = {}
    for label, number in zip(found.labels, found.lines, strict=True):
        lines.setdefault(label, []).append(number)
    repeated = [(label, numbers) for label, numbers in lines.items() if len(numbers) > 1]
    for label, numbers in repeated[:_MOST_NAMED]:
        named = ", ".join(str(number) for number in numbers[:-1][:_MOST_NAMED])
        yield (
            f'"{label:.60}" is on lines {named} and {numbers[-1]}. Only its highest score counts.'
            " Give each line its own label."
        )
    if len(repeated) > _MOST_NAMED:
        yield f"{len(repeated) - _MOST_NAMED:,} more labels are on several lines."


def _are_numbered(labels: Sequence[str]) -> bool:
    """Report whether each label starts with its index, from 0 or 1. In a list sorted as text, 10 comes before 2."""
    numbers = [int(match[1]) for match in map(_NUMBERED.match, labels) if match]
    indices = [list(range(first, first + len(labels))) for first in (0, 1)]
    return len(labels) > 1 and numbers in (*indices, *(sorted(order, key=str) for order in indices))


def _without_numbers(labels: tuple[str, ...]) -> tuple[str, ...]:
    if not _are_numbered(labels):
        return labels
    return _unless_merged(labels, tuple(_NUMBERED.sub("", label, count=1) for label in labels))


def _without_all_bytes(labels: Sequence[str]) -> tuple[str, ...]:
    return _unless_merged(tuple(labels), tuple(map(_without_bytes, labels)))


def _unless_merged(labels: tuple[str, ...], cleaned: tuple[str, ...]) -> tuple[str, ...]:
    """Return the cleaned labels or, if cleaning would merge or empty some, the labels as they were."""
    seen = {without_invisible(unicodedata.normalize("NFC", with_plain_spaces(label))) for label in cleaned}
    return cleaned if "" not in seen and len(seen) == len(set(labels)) else labels


def _without_bytes(label: str) -> str:
    written = _PYTHON_BYTES.fullmatch(label)
    if not written:
        return label
    try:
        return _ESCAPE.sub(_unescape, written[2].encode()).decode()
    except UnicodeDecodeError:
        return label


def _unescape(found: re.Match[bytes]) -> bytes:
    if found[1]:
        return bytes.fromhex(found[1].decode())
    return b" " if found[2] in b"nrt" else found[2]
