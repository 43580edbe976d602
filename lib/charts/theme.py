"""What all charts share: colors, layout, and the chart library for exported reports."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

_IN_ORDER = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00")

MOST_VERSIONS = len(_IN_ORDER)
"""How many versions can be told apart at once."""


def colors_of(names: Iterable[str]) -> dict[str, str]:
    """The colors of versions by the names they go by on the page, in order of choice."""
    return {name: version_color(place) for place, name in enumerate(names)}


def version_color(place: int) -> str:
    """Color of the version at `place` in the choice; 0 is the baseline. Raises IndexError beyond MOST_VERSIONS."""
    return _IN_ORDER[place]


GRAY = "#80868B"
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


def plotly_script() -> str:
    """The whole of Plotly's script, some 4.7 MB, once for all figures of a page."""
    script: str = get_plotlyjs()
    return script


def embed(figure: go.Figure) -> str:
    """The figure as JSON that may stand in a script element, whatever its labels say."""
    # "<" could end the script or open a comment in it; two separators end lines in old scripts.
    replaced = {"<": "\\u003c", "\u2028": "\\u2028", "\u2029": "\\u2029"}
    json: str = figure.to_json()
    for mark, escaped in replaced.items():
        json = json.replace(mark, escaped)
    return json
