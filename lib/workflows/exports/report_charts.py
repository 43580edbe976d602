"""The figures of the report, as JSON with headings and descriptions."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lib.charts.confusion_grids import change_grid, describe_confusion
from lib.charts.reliability_diagram import describe_reliability, reliability_diagram
from lib.charts.theme import assign_colors, to_script_json
from lib.charts.threshold_charts import describe_curves, threshold_curves
from lib.charts.trends import TrendKind, describe_trend, trend_figure
from lib.stats.confusion import Side
from lib.stats.thresholds import recommend_threshold
from lib.store import Store
from lib.workflows.compare import VersionComparison
from lib.workflows.exports.rows import Selection
from lib.workflows.version_figures import (
    find_calibrations,
    find_confusion,
    find_labels,
    find_threshold_curves,
    find_trends,
)


@dataclass(frozen=True, slots=True)
class Chart:
    """A figure as JSON, its heading, and its description for screen readers."""

    heading: str
    description: str
    figure: str


def draw_charts(store: Store, selection: Selection, comparisons: Sequence[VersionComparison]) -> list[Chart]:
    """Return all figures for which there is data."""
    numbers = store.predictions.find_numbers(selection.session.id)
    colors = assign_colors({name: numbers.get(version) for name, version in selection.versions.items()})
    charts = list(_draw_trends(store, selection, colors))
    for comparison in comparisons:
        charts += _draw_comparison(comparison, colors)
    return charts


def _draw_trends(store: Store, selection: Selection, colors: Mapping[str, str]) -> Iterator[Chart]:
    trends = find_trends(store, selection.session.id, selection.versions, selection.threshold)
    if any(trend.accuracy for trend in trends):
        description = describe_trend(TrendKind.ACCURACY, trends)
        yield Chart("Accuracy", description, to_script_json(trend_figure(TrendKind.ACCURACY, trends, colors)))
    if trends:
        description = describe_trend(TrendKind.LATENCY, trends)
        yield Chart("Median latency", description, to_script_json(trend_figure(TrendKind.LATENCY, trends, colors)))


def _draw_comparison(comparison: VersionComparison, colors: dict[str, str]) -> Iterator[Chart]:
    names = f"{comparison.candidate} against {comparison.baseline}"
    confusion = find_confusion(comparison)
    if confusion is not None:
        before, after = (describe_confusion(confusion.confusion, side) for side in Side)
        description = f"{comparison.baseline}: {before} {comparison.candidate}: {after} {confusion.basis}"
        yield Chart(f"Confusion change, {names}", description, to_script_json(change_grid(confusion.confusion)))
    sample = find_labels(comparison)
    if sample is None:
        return
    calibrations = find_calibrations(comparison, sample)
    if calibrations:
        description = describe_reliability(calibrations)
        yield Chart(f"Calibration, {names}", description, to_script_json(reliability_diagram(calibrations, colors)))
    curves = find_threshold_curves(comparison)
    recommended = {name: recommend_threshold(points) for name, points in curves.items()}
    figure = threshold_curves(curves, recommended, colors)
    yield Chart(f"Thresholds, {names}", describe_curves(curves), to_script_json(figure))
