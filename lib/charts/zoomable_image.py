"""A photograph that one can zoom into."""

from collections.abc import Sequence

import plotly.graph_objects as go

from lib.charts.layout import Part, draw

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
