"""Figures over an image: zoom, and how much covering each part costs."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from lib.charts.theme import Part, draw

CONFIG = {
    "scrollZoom": True,
    "displaylogo": False,
    "displayModeBar": True,
    "modeBarButtons": [["zoomIn2d", "zoomOut2d", "resetScale2d"]],
}
_MOST_PX = 560
_LEAST_PX = 240
USUAL_WIDTH_PX = 740
"""How wide the figure is in a dialog or beside a column, on a screen that is not small."""


def zoomable_image(
    url: str, width_px: int, height_px: int, shown_px: int = USUAL_WIDTH_PX, *, over: Sequence[Part] = ()
) -> go.Figure:
    """The picture at `url`, of that size in pixels, filling the figure in its own shape; wheel and drag move it.

    `shown_px` is the width that the figure usually has on the page, `over` are traces on top of the picture.
    """
    axis = {"visible": False, "constrain": "domain"}
    place = {"xref": "x", "yref": "y", "x": 0, "y": 0, "sizing": "stretch", "layer": "below"}
    return draw(
        over,
        images=[{**place, "source": url, "sizex": width_px, "sizey": height_px}],
        height=_height_px(width_px, height_px, shown_px),
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        dragmode="pan",
        xaxis={**axis, "range": [0, width_px]},
        yaxis={**axis, "range": [height_px, 0], "scaleanchor": "x"},
    )


def _height_px(width_px: int, height_px: int, shown_px: int) -> int:
    """As high as the picture is in the width that it usually has: no bands above and below, and no scrolling."""
    return min(_MOST_PX, max(_LEAST_PX, round(shown_px * height_px / width_px)))


_LEAST_BOUND = 0.2
_ORANGE, _BLUE = "213,94,0", "0,114,178"
# Clear where nothing changes: the picture is what one looks at.
_COLORS = [[0.0, f"rgba({_BLUE},0.65)"], [0.5, "rgba(128,128,128,0)"], [1.0, f"rgba({_ORANGE},0.65)"]]
_PLACES = (("top", "middle", "bottom"), ("left", "center", "right"))


def occlusion_map(
    url: str, size_px: tuple[int, int], drops: NDArray[np.float64], shown_px: int = USUAL_WIDTH_PX
) -> go.Figure:
    """The picture at `url` under the `drops` of a score, shape (grid, grid), with the change of it in each patch.

    `size_px` is the picture's width and height, `shown_px` the width that the figure usually has on the page.

    Orange and a minus: hiding this patch lowers the score. Blue and a plus: hiding it raises the score.
    """
    grid = len(drops)
    width_px, height_px = size_px
    # Small changes stay pale: a map must not shout about nothing.
    bound = max(_LEAST_BOUND, float(np.nanmax(np.abs(drops), initial=0.0, where=~np.isnan(drops))))
    heat = {
        "type": "heatmap",
        "z": drops,
        "x": [(place + 0.5) * width_px / grid for place in range(grid)],
        "y": [(place + 0.5) * height_px / grid for place in range(grid)],
        "zmin": -bound,
        "zmax": bound,
        "colorscale": _COLORS,
        "showscale": False,
        "xgap": 1,
        "ygap": 1,
        "text": [[_say(drop) for drop in row] for row in drops],
        "texttemplate": "%{text}",
        "textfont": {"color": "white", "size": 13, "shadow": "auto"},
        "hoverinfo": "skip",
    }
    return zoomable_image(url, width_px, height_px, shown_px, over=[heat])


def describe_drops(drops: NDArray[np.float64], label: str) -> str:
    """The figure in words: where the score of the label falls most."""
    if np.isnan(drops).all():
        return "Nothing is known yet."
    row, column = (int(place) for place in np.unravel_index(int(np.nanargmax(drops)), drops.shape))
    fall = float(drops[row, column])
    if fall <= 0:
        return f"No hidden patch lowers the score of {label}."
    grid = len(drops)
    down, across = (names[min(2, place * 3 // grid)] for names, place in zip(_PLACES, (row, column), strict=True))
    return (
        f"Hiding row {row + 1}, column {column + 1} of {grid} × {grid} ({down} {across}) lowers the score of {label}"
        f" most: by {fall:.2f}."
    )


def _say(drop: float) -> str:
    if np.isnan(drop):
        return ""
    change = round(-float(drop), 2)
    return f"{change:+.2f}".replace("-", "−") if change else "0"
