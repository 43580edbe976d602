"""Charts over the score threshold."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import plotly.graph_objects as go

from lib.charts.theme import GRAY, Part, draw, plain_text, vertical_line
from lib.domain.models import OperatingPoint
from lib.stats.thresholds import ThresholdPoint


class AtThreshold(Protocol):
    """What holds at a threshold; its rates are attributes, by their names."""

    @property
    def threshold(self) -> float:
        """From 0 to 1."""


def draw_rate(name: str, rate: str, points: Sequence[AtThreshold], color: str, dash: str) -> Part:
    """The line of one rate of one version."""
    return {
        "type": "scatter",
        "name": plain_text(f"{name} {rate}"),
        "x": [point.threshold for point in points],
        "y": [getattr(point, rate) for point in points],
        "mode": "lines",
        "line": {"color": color, "dash": dash, "width": 2},
        "hovertemplate": "%{y:.1%}<extra>%{fullData.name}</extra>",
    }


def draw_rates(rates: Sequence[Part], height_px: int, *, shapes: list[Part], annotations: list[Part]) -> go.Figure:
    """The figure of these lines, with thresholds and rates from 0 to 1."""
    axis = {"range": [0, 1.02], "fixedrange": True, "zeroline": False, "automargin": True}
    return draw(
        rates,
        height=height_px,
        margin={"l": 4, "r": 12, "t": 40, "b": 4},
        hovermode="x",
        xaxis={**axis, "range": [0, 1], "title": {"text": "threshold"}},
        yaxis={**axis, "tickformat": ".0%"},
        shapes=shapes,
        annotations=annotations,
    )


_LINES = {"precision": "solid", "answered": "dot", "recall": "dash"}


def threshold_curves(
    curves: Mapping[str, Sequence[ThresholdPoint]],
    advised: Mapping[str, ThresholdPoint | None],
    colors: Mapping[str, str],
) -> go.Figure:
    """Precision (solid), share answered (dotted) and recall (dashed) over the threshold, by version.

    `colors` are those of the versions, by name. A thin line in a version's color stands at its advised threshold,
    with its value, where there is one.
    """
    rates = [
        draw_rate(name, rate, points, colors[name], dash)
        for name, points in curves.items()
        for rate, dash in _LINES.items()
    ]
    found = [(place, name, advised.get(name)) for place, name in enumerate(curves)]
    known = [(place, name, advice.threshold) for place, name, advice in found if advice]
    return draw_rates(
        rates,
        380,
        shapes=[vertical_line(at, dash="dash", width=1, color=colors[name]) for _, name, at in known],
        annotations=[_name_line(place, f"{name} from {at:.2f}", at) for place, name, at in known],
    )


def describe_curves(curves: Mapping[str, Sequence[ThresholdPoint]]) -> str:
    """The figure in words."""
    said = [
        f"{name} answers {half.answered:.0%} of the images from 0.50 on{_describe_right(half)}"
        for name, points in curves.items()
        for half in points
        if half.threshold == 0.5
    ]
    return ". ".join(["Precision, share answered and recall over the threshold", *said]) + "."


def _describe_right(point: ThresholdPoint) -> str:
    return "" if point.precision is None else f", {point.precision:.0%} of them right"


def _name_line(place: int, words: str, threshold: float) -> Part:
    return {
        "text": plain_text(words),
        "x": threshold,
        "xanchor": "left" if threshold < 0.5 else "right",
        "y": 0,
        "yref": "paper",
        "yanchor": "bottom",
        # Two versions may have one threshold: a row each.
        "yshift": 14 * place,
        "font": {"size": 11},
        "showarrow": False,
    }


_OPERATING_LINES = {"precision": "solid", "recall": "dash"}


def operating_points(
    curves: Mapping[str, Sequence[OperatingPoint]], threshold: float, colors: Mapping[str, str]
) -> go.Figure:
    """Precision (solid) and recall (dashed) of each version, and a thin line at `threshold`, with its value."""
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
    """The figure in words: what holds at the threshold."""
    said = [f"{name} {format_point(point)}" for name, point in points.items() if point]
    return f"Precision and recall over the threshold. From {threshold:.2f} on: {'; '.join(said) or 'not known'}."


def format_point(point: OperatingPoint) -> str:
    """Precision and recall in per cent."""
    return f"precision {point.precision * 100:.1f}%, recall {point.recall * 100:.1f}%"
