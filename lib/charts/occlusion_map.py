"""Which parts of a picture a score rests on, drawn over the picture."""

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from lib.charts.zoomable_image import USUAL_WIDTH_PX, zoomable_image

_LEAST_BOUND = 0.2
_ORANGE, _BLUE = "213,94,0", "0,114,178"
# Clear where nothing changes: the picture is what one looks at.
_COLOURS = [[0.0, f"rgba({_BLUE},0.65)"], [0.5, "rgba(128,128,128,0)"], [1.0, f"rgba({_ORANGE},0.65)"]]
_PLACES = (("top", "middle", "bottom"), ("left", "centre", "right"))


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
        "colorscale": _COLOURS,
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
