"""A session as a table for spreadsheets: a row for each image and version."""

import csv
import io
import re
from collections.abc import Iterator, Sequence

from lib.domain.predictions import Failure, Prediction, Record
from lib.store import Store
from lib.workflows.exports.rows import Advance, ExportRow, Selection, find_rows

_COLUMNS = (
    "image",
    "sha256",
    "width_px",
    "height_px",
    "size_bytes",
    "steps",
    "version",
    "service",
    "model_name",
    "etag",
    "top_label",
    "top_score",
    "latency_ms",
    "asked_at",
    "error",
    "truth",
    "right",
)
BYTE_ORDER_MARK = "\ufeff".encode()
"""Begins a file that spreadsheets shall read as UTF-8."""

# Spreadsheets take what begins with these for a formula, some in their full-width forms too, and look through what is
# not seen before them. Source: OWASP, "CSV Injection".
_SIGNS = r"=+@＝＋－＠﹦﹢﹣﹫\u2212\-"
# White space, control characters, and what takes no room; but for the tab and the ends of lines, at which cells end.
_UNSEEN = (
    r"\x00-\x08\x0b\x0c\x0e- \x7f-\xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f"
    r"\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff"
)
# A cell begins where the text does and, where commas do not part cells, after whatever does.
_AT_FIRST = rf"""(?=[{_UNSEEN}'"]*[{_SIGNS}\t\r\n])"""
_WITHIN = rf"""(?=[{_UNSEEN}'"]*[{_SIGNS}])"""
_TO_GUARD = re.compile(rf"\A{_AT_FIRST}|(?<=[,;|\t\r\n]){_WITHIN}")
_GUARDED = re.compile(rf"\A'{_AT_FIRST}|(?<=[,;|\t\r\n])'{_WITHIN}")


def write_csv(store: Store, selection: Selection, advance: Advance) -> Iterator[bytes]:
    """The file in pieces: UTF-8 with a byte order mark, lines end in CR LF, texts that look like formulas have an
    apostrophe before them (`make_harmless`). An image that no version was asked about has one row.
    """
    yield BYTE_ORDER_MARK + write_line(_COLUMNS)
    for row in find_rows(store, selection, advance):
        asked = {name: record for name, record in row.records.items() if record is not None}
        lines = [_cells(row, name, record, selection.threshold) for name, record in asked.items()]
        yield b"".join(write_line(cells) for cells in lines or [_image_cells(row)])


def make_harmless(text: str) -> str:
    """The text as no spreadsheet takes it, or a part of it, for a formula.

    An apostrophe stands before each beginning of a cell from which white space, what is not seen, and quotation marks
    lead to one of = + - @ or its full-width form; and before a text that begins with a tab or the end of a line. Cells
    begin where the text does, and after , ; | tab, CR and LF: programs of other countries part them there.
    """
    return _TO_GUARD.sub("'", text)


def read_back(text: str) -> str:
    """The text that `make_harmless` was given."""
    return _GUARDED.sub("", text)


def _cells(row: ExportRow, name: str, record: Record, threshold: float) -> list[str | int | float]:
    version = record.version
    top = record.outcome.top if isinstance(record.outcome, Prediction) else None
    label = top.label if top is not None and top.value >= threshold else None
    return [
        *_image_cells(row),
        name,
        version.provider,
        version.model_name,
        version.etag,
        label or "",
        round(top.value, 6) if top is not None else "",
        round(record.latency_s * 1000, 1),
        f"{record.requested_at:%Y-%m-%dT%H:%M:%SZ}",
        record.outcome.message if isinstance(record.outcome, Failure) else "",
        row.true_label or "",
        "" if row.true_label is None or record.failed else "yes" if label == row.true_label else "no",
    ]


def _image_cells(row: ExportRow) -> list[str | int | float]:
    image = row.image
    return [image.name, image.sha256, image.width_px, image.height_px, image.size_bytes, " ".join(image.steps)]


def write_line(cells: Sequence[str | int | float]) -> bytes:
    """A line of a file: texts between quotation marks and as no spreadsheet takes them for formulas, numbers as they
    are, CR LF at the end.
    """
    line = io.StringIO()
    harmless = [make_harmless(cell) if isinstance(cell, str) else cell for cell in cells]
    csv.writer(line, quoting=csv.QUOTE_NONNUMERIC).writerow(harmless)
    return line.getvalue().encode("utf-8", "replace")
