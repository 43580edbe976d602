"""The difference of each candidate from the baseline, with its interval, on one line each."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from lib.charts.theme import GRAY, FigurePart, escape_text, make_figure, vertical_line
from lib.stats.intervals import Interval

_ROW_PX = 34
_EDGES_PX = 64
_LEAST_SPAN = 0.01


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    """A candidate with its difference in accuracy, -1 to 1 (None: not to be named), and the interval of it."""

    name: str
    color: str
    estimate: float | None
    interval: Interval


def difference_plot(rows: Sequence[DifferenceRow], margin: float) -> go.Figure:
    """Draw the intervals, with a line at 0 and a dashed one at the margin, 0 to 1, where there is one."""
    edge = max(_LEAST_SPAN, margin, *(abs(end) for row in rows for end in (row.interval.low, row.interval.high)))
    shapes = [vertical_line(0, color=GRAY, width=1)]
    if margin:
        shapes.append(vertical_line(-margin * 100, color=GRAY, width=1, dash="dash"))
    return make_figure(
        [part for row in rows for part in _draw(row)],
        height=_EDGES_PX + _ROW_PX * len(rows),
        margin={"l": 4, "r": 16, "t": 4, "b": 40},
        showlegend=False,
        shapes=shapes,
        xaxis={
            "range": [-edge * 108, edge * 108],
            "fixedrange": True,
            "zeroline": False,
            "title": {"text": "Accuracy compared with the baseline (points)"},
        },
        yaxis={"autorange": "reversed", "fixedrange": True, "automargin": True, "ticks": "", "showgrid": False},
        hovermode="closest",
    )


def describe_differences(rows: Sequence[DifferenceRow]) -> str:
    """Describe the figure for screen readers."""
    parts = [f"{row.name}: {row.interval.low * 100:+.1f} to {row.interval.high * 100:+.1f} points" for row in rows]
    return f"95% confidence intervals of the difference in accuracy. {'; '.join(parts)}."


def _draw(row: DifferenceRow) -> list[FigurePart]:
    name, low, high = escape_text(row.name), row.interval.low * 100, row.interval.high * 100
    line = {"color": row.color, "width": 3}
    hover = f"{name}: {low:+.1f} to {high:+.1f} points<extra></extra>"
    parts: list[FigurePart] = [
        {"type": "scatter", "mode": "lines", "x": [low, high], "y": [name, name], "line": line, "hovertemplate": hover}
    ]
    if row.estimate is not None:
        marker = {"color": row.color, "size": 11}
        point = {"x": [row.estimate * 100], "y": [name], "marker": marker, "hovertemplate": hover}
        parts.append({"type": "scatter", "mode": "markers", **point})
    return parts
