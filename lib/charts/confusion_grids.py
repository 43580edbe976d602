"""Which labels are taken for which, as a grid to click on."""

import numpy as np
import plotly.graph_objects as go

from lib.charts.theme import GRAY, Part, cut_label, draw, plain_text
from lib.stats.confusion import OTHER, Cell, Confusion, Side

_COUNTED_UP_TO = 15
_CELL_PX = 34
_AXES_PX = 150
_Colors = list[list[float | str]]
# Never so strong that the number in it is hard to read, light or dark, nor so weak that a single image is not seen.
_BLUE: _Colors = [[0.0, "rgba(0,114,178,0.12)"], [1.0, "rgba(0,114,178,0.7)"]]
_ORANGE: _Colors = [[0.0, "rgba(213,94,0,0.7)"], [0.5, "rgba(213,94,0,0.12)"]]
# Blue is a gain: more on the diagonal, or less beside it; orange is a loss.
_GAIN_OR_LOSS: _Colors = [*_ORANGE, [0.5, "rgba(0,114,178,0.12)"], [1.0, "rgba(0,114,178,0.7)"]]


def confusion_grid(confusion: Confusion, side: Side) -> go.Figure:
    """Counts of one version: what images show from top to bottom, what the version says from left to right.

    Each cell is a point that carries its row and column, as [truth, said].
    """
    counts = confusion.baseline if side is Side.BASELINE else confusion.candidate
    heat = _heat(counts, _BLUE, low=0, high=int(counts.max(initial=1)))
    return _grid(confusion, heat, [[f"{count}" if count else "" for count in row] for row in counts.tolist()])


def change_grid(confusion: Confusion) -> go.Figure:
    """The candidate's counts less the baseline's. Blue: more right or less wrong answers; orange: the other way."""
    change = confusion.change
    gain = np.where(np.eye(len(confusion.labels), dtype=bool), change, -change)
    if OTHER in confusion.labels:
        # Right and wrong answers stand there together: more of them is neither good nor bad.
        gain[confusion.place_of(OTHER), confusion.place_of(OTHER)] = 0
    bound = int(np.abs(gain).max(initial=1))
    heat = _heat(gain, _GAIN_OR_LOSS, low=-bound, high=bound)
    return _grid(confusion, heat, [[f"{count:+d}" if count else "" for count in row] for row in change.tolist()])


def describe_confusion(confusion: Confusion, side: Side) -> str:
    """A grid of counts in words: how many are right, and the most frequent mistake."""
    counts = confusion.baseline if side is Side.BASELINE else confusion.candidate
    wrong = np.where(np.eye(len(counts), dtype=bool), 0, counts)
    words = f"{int(np.trace(counts))} of {int(counts.sum())} images are on the diagonal."
    if not wrong.any():
        return words
    truth, said = (int(place) for place in np.unravel_index(int(wrong.argmax()), wrong.shape))
    most = f"{confusion.labels[truth]} taken for {confusion.labels[said]}, {_describe_times(int(wrong[truth, said]))}"
    return f"{words} Most frequent mistake: {most}."


def find_clicked(custom: object, side: Side | None) -> Cell | None:
    """The cell that a clicked point carries; None where it carries none."""
    if not isinstance(custom, list | tuple) or len(custom) < 2:
        return None
    return Cell(int(custom[0]), int(custom[1]), side)


def _describe_times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _heat(values: np.ndarray, colors: _Colors, *, low: int, high: int) -> Part:
    """The ground under the numbers; clear where there is nothing."""
    return {
        "type": "heatmap",
        "z": np.where(values == 0, np.nan, values),
        "colorscale": colors,
        "zmin": low,
        "zmax": high,
        "showscale": False,
        "hoverinfo": "skip",
        "xgap": 1,
        "ygap": 1,
    }


def _grid(confusion: Confusion, heat: Part, counts: list[list[str]]) -> go.Figure:
    size = len(confusion.labels)
    ticks = {"tickvals": list(range(size)), "ticktext": [cut_label(label) for label in confusion.labels]}
    axis = {
        **ticks,
        "fixedrange": True,
        "automargin": True,
        "showgrid": False,
        "zeroline": False,
    }
    return draw(
        [heat, _points(confusion, counts)],
        height=_AXES_PX + size * _CELL_PX,
        margin={"l": 4, "r": 4, "t": 4, "b": 4},
        showlegend=False,
        hovermode="closest",
        hoverdistance=-1,  # a click anywhere in a cell reaches its point
        shapes=_mark_diagonal(size),
        xaxis={**axis, "range": [-0.5, size - 0.5], "title": {"text": "said"}, "tickangle": _tilt(size)},
        yaxis={**axis, "range": [size - 0.5, -0.5], "title": {"text": "it shows"}},
    )


def _points(confusion: Confusion, counts: list[list[str]]) -> Part:
    """A point on each cell: Streamlit tells of clicks on points, never on heat maps."""
    labels = [plain_text(label) for label in confusion.labels]
    cells = [(truth, said) for truth in range(len(labels)) for said in range(len(labels))]
    return {
        "type": "scatter",
        "x": [said for _, said in cells],
        "y": [truth for truth, _ in cells],
        "mode": "markers+text" if len(labels) <= _COUNTED_UP_TO else "markers",
        "text": [counts[truth][said] for truth, said in cells],
        "marker": {"symbol": "square", "size": _CELL_PX - 4, "color": "rgba(0,0,0,0)"},
        "customdata": [list(cell) for cell in cells],
        "hovertext": [
            f"shows {labels[truth]}, said {labels[said]}: {counts[truth][said] or 0}" for truth, said in cells
        ],
        "hovertemplate": "%{hovertext}<extra></extra>",
        # A click marks its cell, and must not make the others fade.
        "selected": {"marker": {"color": "rgba(128,134,139,0.45)"}},
        "unselected": {"marker": {"opacity": 1}, "textfont": {"color": GRAY}},
    }


def _tilt(size: int) -> int:
    """Degrees by which labels are turned: side by side they need less room the steeper they stand."""
    return -45 if size <= _COUNTED_UP_TO else -90


def _mark_diagonal(size: int) -> list[dict[str, object]]:
    line = {"color": GRAY, "width": 1}
    return [
        {"type": "rect", "x0": at - 0.5, "x1": at + 0.5, "y0": at - 0.5, "y1": at + 0.5, "line": line}
        for at in range(size)
    ]
