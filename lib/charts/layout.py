"""What all figures share: no theme of their own, quiet axes, and texts that stand for themselves."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import plotly.graph_objects as go

GREY = "#80868B"
_LONGEST_LABEL = 22
_LAYOUT = {
    # Plotly's own theme would be copied and sent with every figure, for nothing.
    "template": "none",
    "paper_bgcolor": "rgba(0,0,0,0)",
    "plot_bgcolor": "rgba(0,0,0,0)",
    "legend": {"orientation": "h", "yanchor": "bottom", "y": 1.02, "x": 0},
    "dragmode": False,
}

Part = Mapping[str, Any]
"""A trace, shape or annotation of a figure, as Plotly's JSON has it."""


def draw(traces: Sequence[Part], **layout: Any) -> go.Figure:
    """The figure of these traces on a clear ground with thin margins; the page brings the theme.

    Traces and layout are what Plotly's JSON has, and are checked once, as a whole: made of Plotly's own objects one by
    one, a figure takes five times as long.
    """
    return go.Figure([dict(trace) for trace in traces], {**_LAYOUT, **layout})


def vertical_line(x: float, **line: Any) -> Part:
    """A shape over the whole height, at `x`."""
    return {"type": "line", "x0": x, "x1": x, "y0": 0, "y1": 1, "yref": "y domain", "line": line}


def cut_label(label: str) -> str:
    """A label short enough for an axis. Plotly takes some HTML for itself: here it stands for itself."""
    return plain_text(label if len(label) <= _LONGEST_LABEL else label[: _LONGEST_LABEL - 1] + "…")


def plain_text(words: str) -> str:
    """The words for a place in which Plotly reads HTML and formulas. Not for templates: these also read "%{…}"."""
    return escape(words, quote=False).replace("$", "&#36;")
