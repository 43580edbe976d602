"""What figures of rates over the threshold share."""

from collections.abc import Sequence
from typing import Protocol

import plotly.graph_objects as go

from lib.charts.layout import lay_out, plain_text


class AtThreshold(Protocol):
    """What holds at a threshold; its rates are attributes, by their names."""

    @property
    def threshold(self) -> float:
        """From 0 to 1."""


def draw_rate(name: str, rate: str, points: Sequence[AtThreshold], colour: str, dash: str) -> go.Scatter:
    """The line of one rate of one version."""
    words = plain_text(f"{name} {rate}")
    return go.Scatter(
        name=words,
        x=[point.threshold for point in points],
        y=[getattr(point, rate) for point in points],
        mode="lines",
        line={"color": colour, "dash": dash, "width": 2},
        hovertemplate="%{y:.1%}<extra>" + words + "</extra>",
    )


def lay_out_rates(figure: go.Figure, height_px: int) -> go.Figure:
    """The figure with thresholds and rates from 0 to 1."""
    axis = {"range": [0, 1.02], "fixedrange": True, "zeroline": False, "automargin": True}
    return lay_out(
        figure,
        height=height_px,
        margin={"l": 4, "r": 12, "t": 40, "b": 4},
        hovermode="x",
        xaxis={**axis, "range": [0, 1], "title": {"text": "threshold"}},
        yaxis={**axis, "tickformat": ".0%"},
    )
