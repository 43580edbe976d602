"""Colors and layout that all charts share, and the chart library for exported reports."""

import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

_COLORS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00")

MAX_VERSIONS = len(_COLORS)
"""Number of versions that can be distinguished by color."""


def assign_colors(names: Iterable[str]) -> dict[str, str]:
    """Return a color for each version name: in the order of the names, so that another baseline changes no color."""
    return {name: version_color(index) for index, name in enumerate(sorted(names, key=_natural_order))}


def _natural_order(name: str) -> list[tuple[int, str]]:
    # v10 comes after v9.
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in _NUMBERS.split(name)]


_NUMBERS = re.compile(r"(\d+)", re.ASCII)


def version_color(index: int) -> str:
    """Return the color of a version by its position. Raises IndexError from MAX_VERSIONS on."""
    return _COLORS[index]


GRAY = "#80868B"
_LONGEST_LABEL = 22
_LAYOUT = {
    # Without this, Plotly's own theme is copied and sent with every figure.
    "template": "none",
    "paper_bgcolor": "rgba(0,0,0,0)",
    "plot_bgcolor": "rgba(0,0,0,0)",
    "legend": {"orientation": "h", "yanchor": "bottom", "y": 1.02, "x": 0},
    "dragmode": False,
}

FigurePart = Mapping[str, Any]
"""A trace, shape or annotation of a figure, as in Plotly's JSON."""


def make_figure(traces: Sequence[FigurePart], **layout: Any) -> go.Figure:
    """Return a figure with a transparent background; Streamlit adds the theme of the page.

    Traces and layout are as in Plotly's JSON, and are validated once, as a whole. Building the figure from Plotly's
    own objects takes five times as long.
    """
    return go.Figure([dict(trace) for trace in traces], {**_LAYOUT, **layout})


def vertical_line(x: float, **line: Any) -> FigurePart:
    """Return a vertical line over the whole height of the axes."""
    return {"type": "line", "x0": x, "x1": x, "y0": 0, "y1": 1, "yref": "y domain", "line": line}


def truncate_label(label: str) -> str:
    """Return a label that is short enough for an axis, escaped."""
    return escape_text(label if len(label) <= _LONGEST_LABEL else label[: _LONGEST_LABEL - 1] + "…")


def escape_text(text: str) -> str:
    """Escape text where Plotly reads HTML and formulas. Not for templates, in which "%{…}" has a meaning as well."""
    return escape(text, quote=False).replace("$", "&#36;")


def plotly_script() -> str:
    """Return Plotly's script, 4.7 MB, which a document needs once for all its figures."""
    script: str = get_plotlyjs()
    return script


def to_script_json(figure: go.Figure) -> str:
    """Return the figure as JSON that is safe in a script element, whatever its labels contain."""
    # "<" could end the script or open a comment; the two separators end lines in old JavaScript.
    replaced = {"<": "\\u003c", "\u2028": "\\u2028", "\u2029": "\\u2029"}
    json: str = figure.to_json()
    for character, escaped in replaced.items():
        json = json.replace(character, escaped)
    return json
