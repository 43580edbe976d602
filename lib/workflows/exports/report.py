"""The report: a session and its verdicts as a self-contained HTML file."""

import base64
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from lib.charts.theme import plotly_script
from lib.domain.annotations import TrueLabel
from lib.domain.pairs import Pair, PredictionSummary
from lib.domain.predictions import Failure, Prediction
from lib.errors import UnusableImage
from lib.images.image_workers import ImageWorkers
from lib.stats.flips import find_fixes, find_regressions
from lib.store import Store
from lib.workflows.compare import ComparisonSettings, VersionComparison, find_comparisons
from lib.workflows.comparison_texts import describe_blocking_regressions, describe_caveats, describe_comparison
from lib.workflows.exports.report_charts import draw_charts
from lib.workflows.exports.rows import Advance, ExportRow, Selection, find_rows

_MAX_FLIPS = 60

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)


def write_report(
    store: Store, selection: Selection, made_at: datetime, advance: Advance, images: ImageWorkers | None = None
) -> Iterator[bytes]:
    """Yield the file in pieces. Names and labels are escaped, and the file loads nothing from the network.

    `made_at` is in UTC. `images` decodes the thumbnails; without it, workers for this call only. The rows are written
    as they are read, so that memory does not depend on the number of images.
    """
    session = selection.session
    settings = ComparisonSettings(session.id, selection.threshold, selection.margin, selection.grouping)
    images = images or ImageWorkers(1)
    comparisons = find_comparisons(store, selection.versions, settings, images=images) if selection.versions else []
    template = _TEMPLATES.get_template("report.html.jinja")
    pieces = template.generate(
        session=session,
        made_at=made_at,
        review=store.reviews.get(session.id),
        versions=selection.versions,
        threshold=selection.threshold,
        verdicts=[
            (comparison, describe_comparison(comparison), list(describe_caveats(comparison)))
            for comparison in comparisons
        ],
        blocking=[sentence for sentence in map(describe_blocking_regressions, comparisons) if sentence],
        charts=draw_charts(store, selection, comparisons),
        flips=[(comparison, _find_flips(comparison)) for comparison in comparisons],
        rows=find_rows(store, selection, advance),
        manifest=lambda: find_rows(store, selection),
        find_thumbnail=lambda sha256: _find_thumbnail(store, sha256, images),
        describe_record=lambda row, name: describe_record(row, name, selection.threshold),
        describe_prediction=lambda prediction: describe_prediction(prediction, selection.threshold),
        script=plotly_script(),
    )
    yield from (piece.encode("utf-8", "replace") for piece in pieces)


def _find_thumbnail(store: Store, sha256: str, images: ImageWorkers) -> str:
    """Return the thumbnail of an image as a data URL; "" if its file is missing or damaged."""
    try:
        content = images.shrink_thumbnail(store.images.get_thumbnail(sha256))
    except (OSError, UnusableImage):
        return ""
    return "data:image/jpeg;base64," + base64.b64encode(content).decode("ascii")


def _find_flips(comparison: VersionComparison) -> dict[str, list[Pair]]:
    return {
        "Regressions": find_regressions(comparison.pairs, comparison.threshold)[:_MAX_FLIPS],
        "Fixes": find_fixes(comparison.pairs, comparison.threshold)[:_MAX_FLIPS],
    }


def describe_prediction(prediction: PredictionSummary, threshold: float) -> str:
    """Return label and score: "cat 0.93"."""
    label = prediction.label_at(threshold)
    return f"{'no label' if label is None else label} {prediction.score:.2f}"


def describe_record(row: ExportRow, name: str, threshold: float) -> str:
    """Return label and score of a version and, with ground truth, whether the label is correct: "✓ cat 0.93"."""
    record = row.records[name]
    if record is None:
        return "not predicted"
    if isinstance(record.outcome, Failure):
        return f"failed: {record.outcome.message}"
    return _describe_scores(record.outcome, row.true_label, threshold)


def _describe_scores(prediction: Prediction, true_label: TrueLabel | None, threshold: float) -> str:
    top = prediction.top
    label = top.label if top is not None and top.value >= threshold else None
    mark = "" if true_label is None else "✓ " if true_label.accepts(label) else "✗ "
    score = "" if top is None else f" {top.value:.2f}"
    return f"{mark}{'no label' if label is None else label}{score}"
