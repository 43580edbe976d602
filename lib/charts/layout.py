"""What all figures share: no theme of their own, quiet axes, and texts that stand for themselves."""

from html import escape
from typing import Any

import plotly.graph_objects as go

GREY = "#80868B"
_LONGEST_LABEL = 22


def lay_out(figure: go.Figure, **layout: Any) -> go.Figure:
    """The figure on a clear ground with thin margins; the page brings the theme."""
    return figure.update_layout(
        # Plotly's own theme would be copied and sent with every figure, for nothing.
        template="none",
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.02, "x": 0},
        dragmode=False,
        **layout,
    )


def cut_label(label: str) -> str:
    """A label short enough for an axis. Plotly takes some HTML for itself: here it stands for itself."""
    return plain_text(label if len(label) <= _LONGEST_LABEL else label[: _LONGEST_LABEL - 1] + "…")


def plain_text(words: str) -> str:
    """The words for a place in which Plotly reads HTML."""
    return escape(words, quote=False)
