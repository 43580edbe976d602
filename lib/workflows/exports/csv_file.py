"""A session as a table for spreadsheets: a row for each image and version."""

import csv
import io
from collections.abc import Iterator, Sequence

from lib.domain.prediction import Failure, Prediction, Record
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

# Spreadsheets take what begins with these for a formula. Source: OWASP, "CSV Injection".
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")


def write_csv(store: Store, selection: Selection, advance: Advance) -> Iterator[bytes]:
    """The file in pieces: UTF-8 with a byte order mark, lines end in CR LF, texts that look like formulas are quoted
    with an apostrophe. An image that no version was asked about has one row.
    """
    yield BYTE_ORDER_MARK + write_line(_COLUMNS)
    for row in find_rows(store, selection, advance):
        asked = {name: record for name, record in row.records.items() if record is not None}
        lines = [_cells(row, name, record, selection.threshold) for name, record in asked.items()]
        yield b"".join(write_line(cells) for cells in lines or [_image_cells(row)])


def make_harmless(text: str) -> str:
    """The text as no spreadsheet takes it for a formula."""
    return f"'{text}" if text.lstrip(" ").startswith(_DANGEROUS) else text


def _cells(row: ExportRow, name: str, record: Record, threshold: float) -> list[str | int | float]:
    version = record.version
    top = record.outcome.top if isinstance(record.outcome, Prediction) else None
    label = top.label if top is not None and top.value >= threshold else None
    return [
        *_image_cells(row),
        name,
        version.service,
        version.model_name,
        version.etag,
        label or "",
        round(top.value, 6) if top is not None else "",
        round(record.latency_s * 1000, 1),
        f"{record.asked_at:%Y-%m-%dT%H:%M:%SZ}",
        record.outcome.message if isinstance(record.outcome, Failure) else "",
        row.truth or "",
        "" if row.truth is None or record.failed else "yes" if label == row.truth else "no",
    ]


def _image_cells(row: ExportRow) -> list[str | int | float]:
    image = row.image
    return [image.name, image.sha256, image.width_px, image.height_px, image.size_bytes, " ".join(image.steps)]


def write_line(cells: Sequence[str | int | float]) -> bytes:
    """A line of a file: texts as no spreadsheet takes them for formulas, CR LF at the end."""
    line = io.StringIO()
    csv.writer(line).writerow([make_harmless(cell) if isinstance(cell, str) else cell for cell in cells])
    return line.getvalue().encode("utf-8", "replace")
