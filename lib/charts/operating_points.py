"""Precision and recall over the threshold, as a service measured them."""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from lib.charts.layout import GREY, lay_out, plain_text
from lib.domain.evaluation import OperatingPoint

_LINES = {"precision": "solid", "recall": "dash"}


def operating_points(
    curves: Mapping[str, Sequence[OperatingPoint]], threshold: float, colours: Mapping[str, str]
) -> go.Figure:
    """Precision (solid) and recall (dashed) of each version, and a thin line at `threshold`, with its value."""
    figure = go.Figure(
        [_curve(name, kind, points, colours[name]) for name, points in curves.items() for kind in _LINES]
    )
    figure.add_vline(
        x=threshold,
        line={"dash": "dot", "width": 1, "color": GREY},
        annotation={"text": f"{threshold:.2f}", "yanchor": "bottom"},
    )
    axis = {"range": [0, 1.02], "fixedrange": True, "zeroline": False, "automargin": True}
    return lay_out(
        figure,
        height=340,
        margin={"l": 4, "r": 12, "t": 40, "b": 4},
        hovermode="x",
        xaxis={**axis, "range": [0, 1], "title": {"text": "threshold"}},
        yaxis={**axis, "tickformat": ".0%"},
    )


def describe_operating_points(points: Mapping[str, OperatingPoint | None], threshold: float) -> str:
    """The figure in words: what holds at the threshold."""
    said = [f"{name} {say_point(point)}" for name, point in points.items() if point]
    return f"Precision and recall over the threshold. From {threshold:.2f} on: {'; '.join(said) or 'not known'}."


def say_point(point: OperatingPoint) -> str:
    """Precision and recall in per cent."""
    return f"precision {point.precision * 100:.1f} %, recall {point.recall * 100:.1f} %"


def _curve(name: str, kind: str, points: Sequence[OperatingPoint], colour: str) -> go.Scatter:
    return go.Scatter(
        name=plain_text(f"{name} {kind}"),
        x=[point.threshold for point in points],
        y=[getattr(point, kind) for point in points],
        mode="lines",
        line={"color": colour, "dash": _LINES[kind], "width": 2},
        hovertemplate="%{y:.1%}<extra>" + plain_text(f"{name} {kind}") + "</extra>",
    )
