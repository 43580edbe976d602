"""Precision and recall over the threshold, as a service measured them."""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from lib.charts.layout import GREY, vertical_line
from lib.charts.over_threshold import draw_rate, draw_rates
from lib.domain.models import OperatingPoint

_LINES = {"precision": "solid", "recall": "dash"}


def operating_points(
    curves: Mapping[str, Sequence[OperatingPoint]], threshold: float, colours: Mapping[str, str]
) -> go.Figure:
    """Precision (solid) and recall (dashed) of each version, and a thin line at `threshold`, with its value."""
    rates = [
        draw_rate(name, rate, points, colours[name], dash)
        for name, points in curves.items()
        for rate, dash in _LINES.items()
    ]
    value = {"text": f"{threshold:.2f}", "x": threshold, "xanchor": "left", "y": 1, "yref": "y domain"}
    return draw_rates(
        rates,
        340,
        shapes=[vertical_line(threshold, dash="dot", width=1, color=GREY)],
        annotations=[{**value, "yanchor": "bottom", "showarrow": False}],
    )


def describe_operating_points(points: Mapping[str, OperatingPoint | None], threshold: float) -> str:
    """The figure in words: what holds at the threshold."""
    said = [f"{name} {say_point(point)}" for name, point in points.items() if point]
    return f"Precision and recall over the threshold. From {threshold:.2f} on: {'; '.join(said) or 'not known'}."


def say_point(point: OperatingPoint) -> str:
    """Precision and recall in per cent."""
    return f"precision {point.precision * 100:.1f} %, recall {point.recall * 100:.1f} %"
