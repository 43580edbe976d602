"""What a threshold costs and brings."""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from lib.charts.layout import Part, plain_text, vertical_line
from lib.charts.over_threshold import draw_rate, draw_rates
from lib.stats.thresholds import ThresholdPoint

_LINES = {"precision": "solid", "answered": "dot", "recall": "dash"}


def threshold_curves(
    curves: Mapping[str, Sequence[ThresholdPoint]],
    advised: Mapping[str, ThresholdPoint | None],
    colours: Mapping[str, str],
) -> go.Figure:
    """Precision (solid), share answered (dotted) and recall (dashed) over the threshold, by version.

    `colours` are those of the versions, by name. A thin line in a version's colour stands at its advised threshold,
    with its value, where there is one.
    """
    rates = [
        draw_rate(name, rate, points, colours[name], dash)
        for name, points in curves.items()
        for rate, dash in _LINES.items()
    ]
    found = [(place, name, advised.get(name)) for place, name in enumerate(curves)]
    known = [(place, name, advice.threshold) for place, name, advice in found if advice]
    return draw_rates(
        rates,
        380,
        shapes=[vertical_line(at, dash="dash", width=1, color=colours[name]) for _, name, at in known],
        annotations=[_name_line(place, f"{name} from {at:.2f}", at) for place, name, at in known],
    )


def describe_curves(curves: Mapping[str, Sequence[ThresholdPoint]]) -> str:
    """The figure in words."""
    said = [
        f"{name} answers {half.answered:.0%} of the images from 0.50 on{_say_right(half)}"
        for name, points in curves.items()
        for half in points
        if half.threshold == 0.5
    ]
    return ". ".join(["Precision, share answered and recall over the threshold", *said]) + "."


def _say_right(point: ThresholdPoint) -> str:
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
