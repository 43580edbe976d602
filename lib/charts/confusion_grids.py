"""Confusion matrices as grids with clickable cells."""

import numpy as np
import plotly.graph_objects as go

from lib.charts.theme import GRAY, FigurePart, escape_text, make_figure, truncate_label
from lib.stats.confusion import OTHER, Cell, Confusion, Side

_MAX_COUNTED_LABELS = 15
_CELL_PX = 34
_AXES_PX = 150
_Colors = list[list[float | str]]
# Pale enough that the number is readable in light and dark mode, strong enough that a single image is visible.
_BLUE: _Colors = [[0.0, "rgba(0,114,178,0.12)"], [1.0, "rgba(0,114,178,0.7)"]]
_ORANGE: _Colors = [[0.0, "rgba(213,94,0,0.7)"], [0.5, "rgba(213,94,0,0.12)"]]
# Blue is an improvement: more on the diagonal, or less beside it. Orange is the opposite.
_CHANGES: _Colors = [*_ORANGE, [0.5, "rgba(0,114,178,0.12)"], [1.0, "rgba(0,114,178,0.7)"]]


def confusion_grid(confusion: Confusion, side: Side) -> go.Figure:
    """Draw the numbers of one version: true labels from top to bottom, predicted labels from left to right.

    Each cell is a point whose custom data is [row, column].
    """
    counts = confusion.baseline if side is Side.BASELINE else confusion.candidate
    heat = _make_heatmap(counts, _BLUE, low=0, high=float(counts.max(initial=1)))
    return _grid(confusion, heat, _format_cells(counts, ".0f"))


def change_grid(confusion: Confusion) -> go.Figure:
    """Draw the candidate's numbers minus the baseline's. Blue: improved. Orange: worse."""
    change = confusion.change
    gain = np.where(np.eye(len(confusion.labels), dtype=bool), change, -change)
    if OTHER in confusion.labels:
        # This cell counts correct and wrong predictions together: more of them is neither better nor worse.
        gain[confusion.index_of(OTHER), confusion.index_of(OTHER)] = 0
    bound = float(np.abs(gain).max(initial=1))
    heat = _make_heatmap(gain, _CHANGES, low=-bound, high=bound)
    return _grid(confusion, heat, _format_cells(change, "+.0f"))


def _format_cells(numbers: np.ndarray, spec: str) -> list[list[str]]:
    """Return the texts of the cells, empty for what rounds to 0."""
    return [[format(number, spec) if round(number) else "" for number in row] for row in numbers.tolist()]


def describe_confusion(confusion: Confusion, side: Side) -> str:
    """Describe a grid: how many predictions are correct, and the most frequent mistake."""
    counts = confusion.baseline if side is Side.BASELINE else confusion.candidate
    wrong = np.where(np.eye(len(counts), dtype=bool), 0, counts)
    text = f"{np.trace(counts):.0f} of {counts.sum():.0f} images are on the diagonal."
    if not wrong.any():
        return text
    row, column = (int(index) for index in np.unravel_index(int(wrong.argmax()), wrong.shape))
    times = _describe_times(round(wrong[row, column]))
    return f"{text} Most frequent mistake: {confusion.labels[row]} predicted as {confusion.labels[column]}, {times}."


def find_clicked_cell(custom_data: object, side: Side | None) -> Cell | None:
    """Return the cell in a clicked point's custom data; None if there is none."""
    if not isinstance(custom_data, list | tuple) or len(custom_data) < 2:
        return None
    return Cell(int(custom_data[0]), int(custom_data[1]), side)


def _describe_times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _make_heatmap(values: np.ndarray, colors: _Colors, *, low: float, high: float) -> FigurePart:
    """Return the colors behind the numbers; transparent for zeros."""
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


def _grid(confusion: Confusion, heat: FigurePart, counts: list[list[str]]) -> go.Figure:
    size = len(confusion.labels)
    ticks = {"tickvals": list(range(size)), "ticktext": [truncate_label(label) for label in confusion.labels]}
    axis = {
        **ticks,
        "fixedrange": True,
        "automargin": True,
        "showgrid": False,
        "zeroline": False,
    }
    return make_figure(
        [heat, _points(confusion, counts)],
        height=_AXES_PX + size * _CELL_PX,
        margin={"l": 4, "r": 4, "t": 4, "b": 4},
        showlegend=False,
        hovermode="closest",
        hoverdistance=-1,  # a click anywhere in a cell reaches its point
        shapes=_mark_diagonal(size),
        xaxis={**axis, "range": [-0.5, size - 0.5], "title": {"text": "Predicted label"}, "tickangle": _tilt(size)},
        yaxis={**axis, "range": [size - 0.5, -0.5], "title": {"text": "True label"}},
    )


def _points(confusion: Confusion, counts: list[list[str]]) -> FigurePart:
    """Return a point on each cell, because Streamlit reports clicks on points but not on heat maps."""
    labels = [escape_text(label) for label in confusion.labels]
    cells = [(row, column) for row in range(len(labels)) for column in range(len(labels))]
    return {
        "type": "scatter",
        "x": [column for _, column in cells],
        "y": [row for row, _ in cells],
        "mode": "markers+text" if len(labels) <= _MAX_COUNTED_LABELS else "markers",
        "text": [counts[row][column] for row, column in cells],
        "marker": {"symbol": "square", "size": _CELL_PX - 4, "color": "rgba(0,0,0,0)"},
        "customdata": [list(cell) for cell in cells],
        "hovertext": [
            f"True label {labels[row]}, predicted {labels[column]}: {counts[row][column] or 0}" for row, column in cells
        ],
        "hovertemplate": "%{hovertext}<extra></extra>",
        # A click marks its cell without fading the others.
        "selected": {"marker": {"color": "rgba(128,134,139,0.45)"}},
        "unselected": {"marker": {"opacity": 1}, "textfont": {"color": GRAY}},
    }


def _tilt(size: int) -> int:
    """Return the angle of axis labels in degrees: many labels need a steep angle."""
    return -45 if size <= _MAX_COUNTED_LABELS else -90


def _mark_diagonal(size: int) -> list[dict[str, object]]:
    line = {"color": GRAY, "width": 1}
    return [
        {"type": "rect", "x0": index - 0.5, "x1": index + 0.5, "y0": index - 0.5, "y1": index + 0.5, "line": line}
        for index in range(size)
    ]
