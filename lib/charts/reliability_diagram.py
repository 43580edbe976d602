"""Whether scores can be taken at their word."""

from collections.abc import Mapping

import plotly.graph_objects as go

from lib.charts.theme import GRAY, Part, draw, plain_text
from lib.stats.calibration import Bin, Calibration


def reliability_diagram(calibrations: Mapping[str, Calibration], colors: Mapping[str, str]) -> go.Figure:
    """For each version the share that is right over the mean score, bin by bin, with Wilson's intervals.

    `colors` are those of the versions, by name. The dashed diagonal is where a score of 0.8 is right in 80 of 100
    cases. Below stands how many images a bin has.
    """
    traces = [
        trace
        for name, calibration in calibrations.items()
        for trace in (_line(name, calibration.bins, colors[name]), _counts(calibration.bins, colors[name]))
    ]
    diagonal = {"dash": "dash", "width": 1, "color": GRAY}
    # A little more than 0 to 1, so that points at the ends are whole.
    axis = {"range": [-0.02, 1.02], "fixedrange": True, "tickvals": [0, 0.25, 0.5, 0.75, 1], "zeroline": False}
    return draw(
        traces,
        shapes=[{"type": "line", "x0": 0, "y0": 0, "x1": 1, "y1": 1, "line": diagonal}],
        height=460,
        margin={"l": 4, "r": 12, "t": 24, "b": 4},
        showlegend=len(calibrations) > 1,
        barmode="overlay",
        xaxis={**axis, "title": {"text": "score of the top label"}, "automargin": True, "anchor": "y2"},
        yaxis={**axis, "domain": [0.28, 1], "title": {"text": "share right"}, "automargin": True},
        yaxis2={"domain": [0, 0.2], "title": {"text": "images"}, "automargin": True, "fixedrange": True, "nticks": 3},
    )


def describe_reliability(calibrations: Mapping[str, Calibration]) -> str:
    """The diagram in words."""
    errors = [f"{name} {calibration.error:.3f}" for name, calibration in calibrations.items()]
    return f"Share right over score, in ten bins. Expected calibration error: {', '.join(errors)}."


def _line(name: str, bins: tuple[Bin, ...], color: str) -> Part:
    return {
        "type": "scatter",
        "name": plain_text(name),
        "x": [bin_.score for bin_ in bins],
        "y": [bin_.right for bin_ in bins],
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": [bin_.interval.high - bin_.right for bin_ in bins],
            "arrayminus": [bin_.right - bin_.interval.low for bin_ in bins],
            "width": 3,
            "thickness": 1,
        },
        "mode": "lines+markers",
        "line": {"color": color, "width": 2},
        "customdata": [bin_.count for bin_ in bins],
        "hovertemplate": "score %{x:.2f}: %{y:.0%} of %{customdata} right<extra>%{fullData.name}</extra>",
    }


def _counts(bins: tuple[Bin, ...], color: str) -> Part:
    return {
        "type": "bar",
        "x": [bin_.score for bin_ in bins],
        "y": [bin_.count for bin_ in bins],
        "width": 0.012,
        "yaxis": "y2",
        # Bars of two versions may stand at the same score: both show.
        "marker": {"color": color, "opacity": 0.6},
        "showlegend": False,
        "hovertemplate": "%{y} images<extra></extra>",
    }
