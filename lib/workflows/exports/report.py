"""A session and its verdict as one HTML file that needs nothing else: to be mailed, printed and kept."""

import base64
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from lib.charts.theme import plotly_script
from lib.domain.pairs import Pair, PredictionSummary
from lib.domain.predictions import Failure, Prediction
from lib.errors import UnusableImage
from lib.images.image_workers import ImageWorkers
from lib.stats.comparison import find_fixes, find_regressions
from lib.store import Store
from lib.workflows.compare import (
    ComparisonSettings,
    VersionComparison,
    describe_caveats,
    describe_comparison,
    find_comparisons,
)
from lib.workflows.exports.report_charts import draw_charts
from lib.workflows.exports.rows import Advance, ExportRow, Selection, find_rows

_MOST_FLIPS = 60

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)


def write_report(
    store: Store, selection: Selection, made_at: datetime, advance: Advance, images: ImageWorkers | None = None
) -> Iterator[bytes]:
    """The file in pieces. All names and labels in it stand for themselves; nothing is fetched from anywhere.

    `made_at` is in UTC; `images` decodes the pictures, workers for just this where it is left out. The rows of the
    matrix are written as they are read, so that any number of images fits.
    """
    session = selection.session
    terms = ComparisonSettings(session.id, selection.threshold, selection.margin)
    images = images or ImageWorkers(1)
    comparisons = find_comparisons(store, selection.versions, terms, images=images) if selection.versions else []
    template = _TEMPLATES.get_template("report.html.jinja")
    pieces = template.generate(
        session=session,
        made_at=made_at,
        versions=selection.versions,
        threshold=selection.threshold,
        verdicts=[
            (comparison, describe_comparison(comparison), list(describe_caveats(comparison)))
            for comparison in comparisons
        ],
        charts=draw_charts(store, selection, comparisons),
        flips=[(comparison, _find_flips(comparison)) for comparison in comparisons],
        rows=find_rows(store, selection, advance),
        manifest=lambda: find_rows(store, selection),
        picture=lambda sha256: _find_picture(store, sha256, images),
        say=lambda row, name: describe_record(row, name, selection.threshold),
        describe_prediction=lambda answer: describe_prediction(answer, selection.threshold),
        script=plotly_script(),
    )
    yield from (piece.encode("utf-8", "replace") for piece in pieces)


def _find_picture(store: Store, sha256: str, images: ImageWorkers) -> str:
    """The small picture of an image as a data URL; "" where its file is gone or broken."""
    try:
        tiny = images.shrink_thumbnail(store.images.get_thumbnail(sha256))
    except (OSError, UnusableImage):
        return ""
    return "data:image/jpeg;base64," + base64.b64encode(tiny).decode("ascii")


def _find_flips(comparison: VersionComparison) -> dict[str, list[Pair]]:
    return {
        "Regressions": find_regressions(comparison.pairs, comparison.threshold)[:_MOST_FLIPS],
        "Fixes": find_fixes(comparison.pairs, comparison.threshold)[:_MOST_FLIPS],
    }


def describe_prediction(answer: PredictionSummary, threshold: float) -> str:
    """Label and score of an answer."""
    label = answer.label_at(threshold)
    return f"{'no label' if label is None else label} {answer.score:.2f}"


def describe_record(row: ExportRow, name: str, threshold: float) -> str:
    """What a version said of an image, with a sign where it is known whether that is right."""
    record = row.records[name]
    if record is None:
        return "not asked"
    if isinstance(record.outcome, Failure):
        return f"failed: {record.outcome.message}"
    return _describe_prediction(record.outcome, row.true_label, threshold)


def _describe_prediction(prediction: Prediction, truth: str | None, threshold: float) -> str:
    top = prediction.top
    if top is None:
        return "no label" if truth is None else "✗ no label"
    label = top.label if top.value >= threshold else "no label"
    sign = "" if truth is None else "✓ " if top.value >= threshold and top.label == truth else "✗ "
    return f"{sign}{label} {top.value:.2f}"
