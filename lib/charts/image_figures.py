"""Figures with an image: zoomable, and with the score change for each hidden patch."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from lib.charts.theme import FigurePart, make_figure

CONFIG = {
    "scrollZoom": True,
    "displaylogo": False,
    "displayModeBar": True,
    "modeBarButtons": [["zoomIn2d", "zoomOut2d", "resetScale2d"]],
}
_MAX_PX = 560
_MIN_PX = 240
TYPICAL_WIDTH_PX = 740
"""Width of the figure in a dialog or next to a column, on a desktop screen."""


def zoomable_image(
    url: str, width_px: int, height_px: int, shown_px: int = TYPICAL_WIDTH_PX, *, over: Sequence[FigurePart] = ()
) -> go.Figure:
    """Draw the image at `url` so that it can be zoomed by wheel and moved by dragging.

    `width_px` and `height_px` are the size of the image, `shown_px` is the typical width of the figure on the page,
    `over` are traces on top of the image.
    """
    axis = {"visible": False, "constrain": "domain"}
    position = {"xref": "x", "yref": "y", "x": 0, "y": 0, "sizing": "stretch", "layer": "below"}
    return make_figure(
        over,
        images=[{**position, "source": url, "sizex": width_px, "sizey": height_px}],
        height=_height_px(width_px, height_px, shown_px),
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        dragmode="pan",
        xaxis={**axis, "range": [0, width_px]},
        yaxis={**axis, "range": [height_px, 0], "scaleanchor": "x"},
    )


def _height_px(width_px: int, height_px: int, shown_px: int) -> int:
    """Return the height of the image at its typical width, within limits: no bands, and no scrolling."""
    return min(_MAX_PX, max(_MIN_PX, round(shown_px * height_px / width_px)))


_MIN_BOUND = 0.2
_ORANGE, _BLUE = "213,94,0", "0,114,178"
# Transparent where nothing changes, so that the image is visible.
_COLORS = [[0.0, f"rgba({_BLUE},0.65)"], [0.5, "rgba(128,128,128,0)"], [1.0, f"rgba({_ORANGE},0.65)"]]
_POSITIONS = (("top", "middle", "bottom"), ("left", "center", "right"))


def occlusion_map(
    url: str, size_px: tuple[int, int], drops: NDArray[np.float64], shown_px: int = TYPICAL_WIDTH_PX
) -> go.Figure:
    """Draw the image at `url` with the score change in each patch.

    `drops` are decreases of a score, shape (grid, grid), NaN where unknown. `size_px` is the image's width and height,
    `shown_px` the typical width of the figure on the page.
    Orange and a minus: hiding this patch lowers the score. Blue and a plus: hiding it raises the score.
    """
    grid = len(drops)
    width_px, height_px = size_px
    # Small changes stay pale.
    bound = max(_MIN_BOUND, float(np.nanmax(np.abs(drops), initial=0.0, where=~np.isnan(drops))))
    heat = {
        "type": "heatmap",
        "z": drops,
        "x": [(column + 0.5) * width_px / grid for column in range(grid)],
        "y": [(row + 0.5) * height_px / grid for row in range(grid)],
        "zmin": -bound,
        "zmax": bound,
        "colorscale": _COLORS,
        "showscale": False,
        "xgap": 1,
        "ygap": 1,
        "text": [[_format_change(drop) for drop in row] for row in drops],
        "texttemplate": "%{text}",
        "textfont": {"color": "white", "size": 13, "shadow": "auto"},
        "hoverinfo": "skip",
    }
    return zoomable_image(url, width_px, height_px, shown_px, over=[heat])


def describe_drops(drops: NDArray[np.float64], label: str) -> str:
    """Describe which patch lowers the score of the label most."""
    if np.isnan(drops).all():
        return "No results yet."
    row, column = (int(index) for index in np.unravel_index(int(np.nanargmax(drops)), drops.shape))
    drop = float(drops[row, column])
    if drop <= 0:
        return f"No hidden patch lowers the score of {label}."
    grid = len(drops)
    down, across = (names[min(2, index * 3 // grid)] for names, index in zip(_POSITIONS, (row, column), strict=True))
    return (
        f"Hiding row {row + 1}, column {column + 1} of {grid} × {grid} ({down} {across}) lowers the score of {label}"
        f" most: by {drop:.2f}."
    )


def _format_change(drop: float) -> str:
    if np.isnan(drop):
        return ""
    change = round(-float(drop), 2)
    return f"{change:+.2f}".replace("-", "−") if change else "0"
