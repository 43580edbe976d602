"""Trends over versions, with clickable points."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

import plotly.graph_objects as go

from lib.charts.theme import GRAY, FigurePart, escape_text, make_figure, truncate_label
from lib.domain.matrix import VersionTrend
from lib.stats.intervals import Interval, wilson_interval
from lib.stats.strata import Proportion


@dataclass(frozen=True, slots=True)
class Trend:
    """A version's metrics on the images that all shown versions predicted, and its accuracy among all of them.

    The accuracy is None while there are no labels that stand for all images.
    """

    metrics: VersionTrend
    accuracy: Proportion | None


_LEVEL_CHARACTERS = 50
"""Number of characters that fit next to each other on a narrow screen."""


class TrendKind(Enum):
    """The value that is drawn for each version. The enum's value is its heading."""

    ACCURACY = "Accuracy"
    AGREEMENT = "Agreement with the baseline"
    SCORE = "Median top score"
    LATENCY = "Median latency"


def trend_figure(kind: TrendKind, trends: Sequence[Trend], colors: Mapping[str, str]) -> go.Figure:
    """Draw a point per version in the order given, joined by a line, with the version's name as custom data.

    Shares have 95% intervals. A version without a value leaves a gap.
    """
    return make_figure(
        [_points(kind, trends, colors)],
        height=260,
        margin={"l": 4, "r": 12, "t": 8, "b": 4},
        showlegend=False,
        xaxis=_version_axis([trend.metrics.version for trend in trends]),
        yaxis=_value_axis(kind),
    )


def _points(kind: TrendKind, trends: Sequence[Trend], colors: Mapping[str, str]) -> FigurePart:
    return {
        "type": "scatter",
        "x": list(range(len(trends))),
        "y": [_VALUES[kind](trend) for trend in trends],
        "error_y": _error_bars(kind, trends),
        "mode": "lines+markers",
        "line": {"color": GRAY, "width": 1},
        "marker": {"size": 12, "color": [colors[trend.metrics.version] for trend in trends]},
        "customdata": [[trend.metrics.version] for trend in trends],
        "hovertext": [f"{escape_text(trend.metrics.version)}: {format_value(kind, trend)}" for trend in trends],
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


def describe_trend(kind: TrendKind, trends: Sequence[Trend]) -> str:
    """Describe the figure for screen readers."""
    return f"{kind.value}: {'; '.join(f'{trend.metrics.version} {format_value(kind, trend)}' for trend in trends)}."


def format_value(kind: TrendKind, trend: Trend) -> str:
    """Return a version's value with its basis, such as "agrees on 9 of 10"."""
    metrics = trend.metrics
    if kind is TrendKind.ACCURACY:
        return _format_accuracy(trend)
    if _VALUES[kind](trend) is None:
        return "no data"
    if kind is TrendKind.AGREEMENT:
        return f"agrees on {metrics.same_as_baseline} of {metrics.compared}"
    if kind is TrendKind.SCORE:
        return f"{metrics.median_score:.2f}"
    return f"{(metrics.median_latency_s or 0) * 1000:.0f} ms"


def _format_accuracy(trend: Trend) -> str:
    if trend.accuracy is not None:
        low, high = trend.accuracy.interval.low, trend.accuracy.interval.high
        return f"{trend.accuracy.value:.1%} (95% CI {low:.1%} to {high:.1%})"
    if trend.metrics.labeled:
        return f"not known yet, correct on {trend.metrics.right} of {trend.metrics.labeled} labeled images"
    return "no data"


def _agreement(trend: Trend) -> float | None:
    metrics = trend.metrics
    return (metrics.same_as_baseline or 0) / metrics.compared if metrics.compared else None


def _latency_ms(trend: Trend) -> float | None:
    latency_s = trend.metrics.median_latency_s
    return None if latency_s is None else latency_s * 1000


_VALUES: dict[TrendKind, Callable[[Trend], float | None]] = {
    TrendKind.ACCURACY: lambda trend: trend.accuracy.value if trend.accuracy else None,
    TrendKind.AGREEMENT: _agreement,
    TrendKind.SCORE: lambda trend: trend.metrics.median_score,
    TrendKind.LATENCY: _latency_ms,
}


def _error_bars(kind: TrendKind, trends: Sequence[Trend]) -> dict[str, object] | None:
    if kind not in {TrendKind.ACCURACY, TrendKind.AGREEMENT}:
        return None
    ends = [_find_interval(kind, trend) for trend in trends]
    shares = [_VALUES[kind](trend) or 0.0 for trend in trends]
    return {
        "type": "data",
        "symmetric": False,
        "array": [interval.high - share for interval, share in zip(ends, shares, strict=True)],
        "arrayminus": [share - interval.low for interval, share in zip(ends, shares, strict=True)],
        "thickness": 1,
        "width": 4,
    }


def _find_interval(kind: TrendKind, trend: Trend) -> Interval:
    """Return the interval of a share; from 0 to 1 where nothing is known, which has no point to draw it at."""
    if kind is TrendKind.AGREEMENT:
        return wilson_interval(trend.metrics.same_as_baseline or 0, trend.metrics.compared or 0)
    return trend.accuracy.interval if trend.accuracy else Interval(0.0, 1.0)
