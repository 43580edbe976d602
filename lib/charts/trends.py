"""Trends over versions, with clickable points."""

from collections.abc import Callable, Sequence
from enum import Enum

import plotly.graph_objects as go

from lib.charts.theme import GRAY, FigurePart, assign_colors, escape_text, make_figure, truncate_label
from lib.domain.matrix import VersionTrend
from lib.stats.intervals import wilson_interval

_LEVEL_CHARACTERS = 50
"""Number of characters that fit next to each other on a narrow screen."""


class TrendKind(Enum):
    """The value that is drawn for each version. The enum's value is its heading."""

    ACCURACY = "Accuracy"
    AGREEMENT = "Agreement with the baseline"
    SCORE = "Median top score"
    LATENCY = "Median latency"


def trend_figure(kind: TrendKind, trends: Sequence[VersionTrend]) -> go.Figure:
    """Draw a point per version in the order given, joined by a line, with the version's name as custom data.

    Shares have Wilson's intervals. A version without a value leaves a gap.
    """
    return make_figure(
        [_points(kind, trends)],
        height=260,
        margin={"l": 4, "r": 12, "t": 8, "b": 4},
        showlegend=False,
        xaxis=_version_axis([trend.version for trend in trends]),
        yaxis=_value_axis(kind),
    )


def _points(kind: TrendKind, trends: Sequence[VersionTrend]) -> FigurePart:
    colors = assign_colors(trend.version for trend in trends)
    return {
        "type": "scatter",
        "x": list(range(len(trends))),
        "y": [_VALUES[kind](trend) for trend in trends],
        "error_y": _error_bars(kind, trends),
        "mode": "lines+markers",
        "line": {"color": GRAY, "width": 1},
        "marker": {"size": 12, "color": [colors[trend.version] for trend in trends]},
        "customdata": [[trend.version] for trend in trends],
        "hovertext": [f"{escape_text(trend.version)}: {format_value(kind, trend)}" for trend in trends],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "unselected": {"marker": {"opacity": 1}},
        "cliponaxis": False,
    }


def _version_axis(names: Sequence[str]) -> dict[str, object]:
    labels = [truncate_label(name) for name in names]
    longest = max(map(len, labels), default=0)
    return {
        "tickvals": list(range(len(labels))),
        "ticktext": labels,
        # Plotly omits a horizontal name that does not fit into the figure.
        "tickangle": -30 if longest * len(labels) > _LEVEL_CHARACTERS else 0,
        "range": [-0.5, len(labels) - 0.5],
        "fixedrange": True,
        "automargin": True,
        "zeroline": False,
        "showgrid": False,
    }


def _value_axis(kind: TrendKind) -> dict[str, object]:
    is_latency = kind is TrendKind.LATENCY
    return {
        "range": None if is_latency else [0, 1.02],
        "rangemode": "tozero",
        "tickformat": ".0%" if kind in {TrendKind.ACCURACY, TrendKind.AGREEMENT} else None,
        "ticksuffix": " ms" if is_latency else "",
        "fixedrange": True,
        "automargin": True,
        "zeroline": False,
    }


def describe_trend(kind: TrendKind, trends: Sequence[VersionTrend]) -> str:
    """Describe the figure for screen readers."""
    return f"{kind.value}: {'; '.join(f'{trend.version} {format_value(kind, trend)}' for trend in trends)}."


def format_value(kind: TrendKind, trend: VersionTrend) -> str:
    """Return a version's value with its basis, such as "correct on 9 of 10"."""
    if _VALUES[kind](trend) is None:
        return "no data"
    if kind is TrendKind.ACCURACY:
        return f"correct on {trend.right} of {trend.labeled}"
    if kind is TrendKind.AGREEMENT:
        return f"agrees on {trend.same_as_baseline} of {trend.compared}"
    if kind is TrendKind.SCORE:
        return f"{trend.median_score:.2f}"
    return f"{(trend.median_latency_s or 0) * 1000:.0f} ms"


def _accuracy(trend: VersionTrend) -> float | None:
    return trend.right / trend.labeled if trend.labeled else None


def _agreement(trend: VersionTrend) -> float | None:
    return (trend.same_as_baseline or 0) / trend.compared if trend.compared else None


def _latency_ms(trend: VersionTrend) -> float | None:
    return None if trend.median_latency_s is None else trend.median_latency_s * 1000


_VALUES: dict[TrendKind, Callable[[VersionTrend], float | None]] = {
    TrendKind.ACCURACY: _accuracy,
    TrendKind.AGREEMENT: _agreement,
    TrendKind.SCORE: lambda trend: trend.median_score,
    TrendKind.LATENCY: _latency_ms,
}


def _error_bars(kind: TrendKind, trends: Sequence[VersionTrend]) -> dict[str, object] | None:
    if kind is TrendKind.ACCURACY:
        counts = [(trend.right, trend.labeled) for trend in trends]
    elif kind is TrendKind.AGREEMENT:
        counts = [(trend.same_as_baseline or 0, trend.compared or 0) for trend in trends]
    else:
        return None
    intervals = [wilson_interval(right, images) for right, images in counts]
    shares = [right / images if images else 0.0 for right, images in counts]
    return {
        "type": "data",
        "symmetric": False,
        "array": [interval.high - share for interval, share in zip(intervals, shares, strict=True)],
        "arrayminus": [share - interval.low for interval, share in zip(intervals, shares, strict=True)],
        "thickness": 1,
        "width": 4,
    }
