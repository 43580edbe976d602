"""Charts over the score threshold."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import plotly.graph_objects as go

from lib.charts.theme import GRAY, FigurePart, escape_text, make_figure, vertical_line
from lib.domain.models import OperatingPoint
from lib.stats.thresholds import ThresholdPoint


class RatesAtThreshold(Protocol):
    """A point at a threshold, with a rate such as `precision` as an attribute."""

    @property
    def threshold(self) -> float:
        """Score threshold, 0 to 1."""


def draw_rate(name: str, rate: str, points: Sequence[RatesAtThreshold], color: str, dash: str) -> FigurePart:
    """Return the line of one rate of one version."""
    return {
        "type": "scatter",
        "name": escape_text(f"{name} {rate}"),
        "x": [point.threshold for point in points],
        "y": [getattr(point, rate) for point in points],
        "mode": "lines",
        "line": {"color": color, "dash": dash, "width": 2},
        "hovertemplate": "%{y:.1%}<extra>%{fullData.name}</extra>",
    }


def draw_rates(
    rates: Sequence[FigurePart], height_px: int, *, shapes: list[FigurePart], annotations: list[FigurePart]
) -> go.Figure:
    """Draw the lines, with thresholds and rates from 0 to 1."""
    axis = {"range": [0, 1.02], "fixedrange": True, "zeroline": False, "automargin": True}
    return make_figure(
        rates,
        height=height_px,
        margin={"l": 4, "r": 12, "t": 40, "b": 4},
        hovermode="x",
        xaxis={**axis, "range": [0, 1], "title": {"text": "Score threshold"}},
        yaxis={**axis, "tickformat": ".0%"},
        shapes=shapes,
        annotations=annotations,
    )


_LINES = {"precision": "solid", "coverage": "dot", "recall": "dash"}


def threshold_curves(
    curves: Mapping[str, Sequence[ThresholdPoint]],
    recommended: Mapping[str, ThresholdPoint | None],
    colors: Mapping[str, str],
) -> go.Figure:
    """Draw precision (solid), coverage (dotted) and recall (dashed) of each version over the threshold.

    `colors` are those of the versions, by name. A thin line in a version's color marks its recommended threshold, if
    there is one, with the value.
    """
    rates = [
        draw_rate(name, rate, points, colors[name], dash)
        for name, points in curves.items()
        for rate, dash in _LINES.items()
    ]
    points = [(row, name, recommended.get(name)) for row, name in enumerate(curves)]
    marks = [(row, name, point.threshold) for row, name, point in points if point]
    return draw_rates(
        rates,
        380,
        shapes=[vertical_line(threshold, dash="dash", width=1, color=colors[name]) for _, name, threshold in marks],
        annotations=[_label_line(row, f"{name} from {threshold:.2f}", threshold) for row, name, threshold in marks],
    )


def describe_curves(curves: Mapping[str, Sequence[ThresholdPoint]]) -> str:
    """Describe the figure for screen readers: coverage and precision at 0.50."""
    parts = [
        f"{name} at 0.50: coverage {point.coverage:.0%}{_describe_precision(point)}"
        for name, points in curves.items()
        for point in points
        if point.threshold == 0.5
    ]
    return ". ".join(["Precision, coverage and recall over the threshold", *parts]) + "."


def _describe_precision(point: ThresholdPoint) -> str:
    return "" if point.precision is None else f", precision {point.precision:.0%}"


def _label_line(row: int, text: str, threshold: float) -> FigurePart:
    return {
        "text": escape_text(text),
        "x": threshold,
        "xanchor": "left" if threshold < 0.5 else "right",
        "y": 0,
        "yref": "paper",
        "yanchor": "bottom",
        # Two versions may have the same threshold: one row each.
        "yshift": 14 * row,
        "font": {"size": 11},
        "showarrow": False,
    }


_OPERATING_LINES = {"precision": "solid", "recall": "dash"}


def operating_points(
    curves: Mapping[str, Sequence[OperatingPoint]], threshold: float, colors: Mapping[str, str]
) -> go.Figure:
    """Draw precision (solid) and recall (dashed) of each version, and a line at `threshold` with its value."""
    rates = [
        draw_rate(name, rate, points, colors[name], dash)
        for name, points in curves.items()
        for rate, dash in _OPERATING_LINES.items()
    ]
    value = {"text": f"{threshold:.2f}", "x": threshold, "xanchor": "left", "y": 1, "yref": "y domain"}
    return draw_rates(
        rates,
        340,
        shapes=[vertical_line(threshold, dash="dot", width=1, color=GRAY)],
        annotations=[{**value, "yanchor": "bottom", "showarrow": False}],
    )


def describe_operating_points(points: Mapping[str, OperatingPoint | None], threshold: float) -> str:
    """Describe the figure for screen readers: precision and recall at the threshold."""
    parts = [f"{name} {format_point(point)}" for name, point in points.items() if point]
    return f"Precision and recall over the threshold. At {threshold:.2f}: {'; '.join(parts) or 'no data'}."


def format_point(point: OperatingPoint) -> str:
    """Return precision and recall as percentages."""
    return f"precision {point.precision * 100:.1f}%, recall {point.recall * 100:.1f}%"
