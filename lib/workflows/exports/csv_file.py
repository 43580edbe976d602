"""Export a session as CSV: a row for each image and version."""

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
    "must_not_regress",
    "version",
    "provider",
    "model_name",
    "etag",
    "top_label",
    "top_score",
    "latency_ms",
    "requested_at",
    "error",
    "true_label",
    "correct",
)
BYTE_ORDER_MARK = "\ufeff".encode()
"""Starts a file that spreadsheets should read as UTF-8."""

# Spreadsheets read text that starts with these characters as a formula, some also in full-width forms, and skip
# invisible characters before them. Source: OWASP, "CSV Injection".
_SIGNS = r"=+@＝＋－＠﹦﹢﹣﹫\u2212\-"
# White space, control characters and zero-width characters, except the tab and line ends, at which cells end.
_INVISIBLE = (
    r"\x00-\x08\x0b\x0c\x0e- \x7f-\xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f"
    r"\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff"
)
# A cell starts at the start of the text and, as the separator varies, after each possible separator.
_AT_START = rf"""(?=[{_INVISIBLE}'"]*[{_SIGNS}\t\r\n])"""
_WITHIN = rf"""(?=[{_INVISIBLE}'"]*[{_SIGNS}])"""
_TO_GUARD = re.compile(rf"\A{_AT_START}|(?<=[,;|\t\r\n]){_WITHIN}")
_GUARDED = re.compile(rf"\A'{_AT_START}|(?<=[,;|\t\r\n])'{_WITHIN}")


def write_csv(store: Store, selection: Selection, advance: Advance) -> Iterator[bytes]:
    """Yield the file in pieces: UTF-8 with a byte order mark and CR LF line ends.

    Text that looks like a formula is escaped (`escape_formulas`). An image without any prediction has one row.
    """
    yield BYTE_ORDER_MARK + write_line(_COLUMNS)
    for row in find_rows(store, selection, advance):
        predicted = {name: record for name, record in row.records.items() if record is not None}
        lines = [_cells(row, name, record, selection.threshold) for name, record in predicted.items()]
        yield b"".join(write_line(cells) for cells in lines or [_image_cells(row)])


def escape_formulas(text: str) -> str:
    """Return the text so that no spreadsheet reads it, or a part of it, as a formula.

    An apostrophe is added at each start of a cell where only white space, invisible characters and quotation marks
    precede = + - @ or a full-width form, and before a leading tab or line end. Cells start at the start of the text and
    after , ; | tab, CR and LF, which are separators in some locales.
    """
    return _TO_GUARD.sub("'", text)


def read_back(text: str) -> str:
    """Return the text that `escape_formulas` received."""
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
        "" if row.true_label is None else str(row.true_label),
        "" if row.true_label is None or record.failed else "yes" if row.true_label.accepts(label) else "no",
    ]


def _image_cells(row: ExportRow) -> list[str | int | float]:
    image = row.image
    return [
        image.name,
        image.sha256,
        image.width_px,
        image.height_px,
        image.size_bytes,
        " ".join(image.steps),
        "yes" if row.must_not_regress else "no",
    ]


def write_line(cells: Sequence[str | int | float]) -> bytes:
    """Return a line of a CSV file: text quoted, with formulas escaped, numbers as they are, and CR LF."""
    line = io.StringIO()
    escaped = [escape_formulas(cell) if isinstance(cell, str) else cell for cell in cells]
    csv.writer(line, quoting=csv.QUOTE_NONNUMERIC).writerow(escaped)
    return line.getvalue().encode("utf-8", "replace")
