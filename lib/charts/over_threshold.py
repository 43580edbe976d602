"""What figures of rates over the threshold share."""

from collections.abc import Sequence
from typing import Protocol

import plotly.graph_objects as go

from lib.charts.layout import Part, draw, plain_text


class AtThreshold(Protocol):
    """What holds at a threshold; its rates are attributes, by their names."""

    @property
    def threshold(self) -> float:
        """From 0 to 1."""


def draw_rate(name: str, rate: str, points: Sequence[AtThreshold], colour: str, dash: str) -> Part:
    """The line of one rate of one version."""
    return {
        "type": "scatter",
        "name": plain_text(f"{name} {rate}"),
        "x": [point.threshold for point in points],
        "y": [getattr(point, rate) for point in points],
        "mode": "lines",
        "line": {"color": colour, "dash": dash, "width": 2},
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
