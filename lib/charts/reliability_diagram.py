"""Reliability diagram: accuracy over score."""

from collections.abc import Mapping

import plotly.graph_objects as go

from lib.charts.theme import GRAY, FigurePart, escape_text, make_figure
from lib.stats.calibration import Bin, Calibration


def reliability_diagram(calibrations: Mapping[str, Calibration], colors: Mapping[str, str]) -> go.Figure:
    """Draw the accuracy of each version over the mean score, bin by bin, with Wilson's intervals.

    `colors` are those of the versions, by name. The dashed diagonal is perfect calibration: 80 of 100 predictions with
    a score of 0.8 are correct. Bars below show how many images each bin has.
    """
    traces = [
        trace
        for name, calibration in calibrations.items()
        for trace in (_line(name, calibration.bins, colors[name]), _counts(calibration.bins, colors[name]))
    ]
    diagonal = {"dash": "dash", "width": 1, "color": GRAY}
    # Slightly more than 0 to 1, so that points at the ends are not clipped.
    axis = {"range": [-0.02, 1.02], "fixedrange": True, "tickvals": [0, 0.25, 0.5, 0.75, 1], "zeroline": False}
    return make_figure(
        traces,
        shapes=[{"type": "line", "x0": 0, "y0": 0, "x1": 1, "y1": 1, "line": diagonal}],
        height=460,
        margin={"l": 4, "r": 12, "t": 24, "b": 4},
        showlegend=len(calibrations) > 1,
        barmode="overlay",
        xaxis={**axis, "title": {"text": "Score of the top label"}, "automargin": True, "anchor": "y2"},
        yaxis={**axis, "domain": [0.28, 1], "title": {"text": "Accuracy"}, "automargin": True},
        yaxis2={"domain": [0, 0.2], "title": {"text": "Images"}, "automargin": True, "fixedrange": True, "nticks": 3},
    )


def describe_reliability(calibrations: Mapping[str, Calibration]) -> str:
    """Describe the diagram for screen readers."""
    errors = [f"{name} {calibration.error:.3f}" for name, calibration in calibrations.items()]
    return f"Accuracy over score, in ten bins. Expected calibration error: {', '.join(errors)}."


def _line(name: str, bins: tuple[Bin, ...], color: str) -> FigurePart:
    return {
        "type": "scatter",
        "name": escape_text(name),
        "x": [bin_.score for bin_ in bins],
        "y": [bin_.accuracy for bin_ in bins],
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": [bin_.interval.high - bin_.accuracy for bin_ in bins],
            "arrayminus": [bin_.accuracy - bin_.interval.low for bin_ in bins],
            "width": 3,
            "thickness": 1,
        },
        "mode": "lines+markers",
        "line": {"color": color, "width": 2},
        "customdata": [bin_.count for bin_ in bins],
        "hovertemplate": "score %{x:.2f}: %{y:.0%} of %{customdata} correct<extra>%{fullData.name}</extra>",
    }


def _counts(bins: tuple[Bin, ...], color: str) -> FigurePart:
    return {
        "type": "bar",
        "x": [bin_.score for bin_ in bins],
        "y": [bin_.count for bin_ in bins],
        "width": 0.012,
        "yaxis": "y2",
        # Bars of two versions may be at the same score: both stay visible.
        "marker": {"color": color, "opacity": 0.6},
        "showlegend": False,
        "hovertemplate": "%{y} images<extra></extra>",
    }
