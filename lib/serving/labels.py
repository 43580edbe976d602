"""The labels of a model: one a line, in the order of its output, and what looks wrong with them."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lib.errors import UnservableModel
from lib.serving.texts import find_unshowable

MOST_LABELS = 100_000
MOST_CHARACTERS = 500
_LINE_END = re.compile(r"\r\n|\r|\n")
_NUMBERED = re.compile(r"(\d{1,6})(?:\s*[:.,;)]\s*|\s+)(?=\S)")
_PYTHON_BYTES = re.compile(r"""b(['"])(.*)\1""")
_ESCAPE = re.compile(rb"\\(?:x([0-9a-fA-F]{2})|(.))")
_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class LabelList:
    """Labels in NFC, in the order of the output. `lines` are their line numbers in the file, from 1."""

    labels: tuple[str, ...]
    lines: tuple[int, ...]


def read_labels(content: bytes) -> LabelList:
    """Return the labels of a text file. Raises UnservableModel for text that cannot be labels."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnservableModel("the labels are not UTF-8 text") from error
    # Counted before they are taken apart: an empty line costs a hundred times its size.
    if text.count("\n") + text.count("\r") > 3 * MOST_LABELS:
        raise UnservableModel(f"more than {MOST_LABELS:,} labels")
    lines = [line.replace("\t", " ").strip() for line in _LINE_END.split(text)]
    numbers = tuple(number for number, line in enumerate(lines, 1) if line)
    labels = tuple(unicodedata.normalize("NFC", line) for line in lines if line)
    if len(labels) > MOST_LABELS:
        raise UnservableModel(f"more than {MOST_LABELS:,} labels")
    for number, label in zip(numbers, labels, strict=True):
        _check(label, number)
    return LabelList(labels, numbers)


def find_notices(found: LabelList) -> tuple[str, ...]:
    """Return what looks wrong with labels that can be served all the same, and what to do; a sentence or two each."""
    return (*find_unclean(found.labels), *_find_duplicates(found))


def find_unclean(labels: Sequence[str]) -> tuple[str, ...]:
    """Return what looks wrong with labels that `clean_labels` mends."""
    notices = []
    written = [label for label in labels if _PYTHON_BYTES.fullmatch(label)]
    if written:
        notices.append(f"Labels are written as Python bytes, such as {written[0]:.60}. Keep only what the quotes hold.")
    if _are_numbered([_without_bytes(label) for label in labels]):
        notices.append(f'Labels start with their numbers, such as "{labels[0]:.60}". Remove the numbers from dict.txt.')
    return tuple(notices)


def clean_labels(labels: Sequence[str]) -> tuple[str, ...]:
    """Return the labels without Python's b'…', and without their numbers where all of them start so."""
    plain = [_without_bytes(label) for label in labels]
    if _are_numbered(plain):
        plain = [_NUMBERED.sub("", label, count=1) for label in plain]
    return tuple(plain)


def _check(label: str, number: int) -> None:
    if len(label) > MOST_CHARACTERS:
        raise UnservableModel(f"the label on line {number} has more than {MOST_CHARACTERS} characters")
    unshowable = find_unshowable(label)
    if unshowable:
        raise UnservableModel(f"the label on line {number} has the control character {unshowable}")


def _find_duplicates(found: LabelList) -> Iterator[str]:
    lines: dict[str, list[int]] = {}
    for label, number in zip(found.labels, found.lines, strict=True):
        lines.setdefault(label, []).append(number)
    repeated = [(label, numbers) for label, numbers in lines.items() if len(numbers) > 1]
    for label, numbers in repeated[:_MOST_NAMED]:
        named = ", ".join(str(number) for number in numbers[:-1][:_MOST_NAMED])
        yield (
            f'"{label:.60}" stands on lines {named} and {numbers[-1]}. Only the highest of its scores counts.'
            " Give each line its own label."
        )
    if len(repeated) > _MOST_NAMED:
        yield f"{len(repeated) - _MOST_NAMED:,} more labels stand on several lines."


def _are_numbered(labels: Sequence[str]) -> bool:
    """Whether the labels start with the numbers from 0 or 1 on, each once; sorted as text, 10 stands before 2."""
    found = [_NUMBERED.match(label) for label in labels]
    numbers = sorted(int(match[1]) for match in found if match)
    return len(labels) > 1 and numbers in (list(range(len(labels))), list(range(1, len(labels) + 1)))


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
