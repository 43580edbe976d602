"""Colors and layout that all charts share, and the chart library for exported reports."""

from collections.abc import Mapping, Sequence
from html import escape
from itertools import count
from typing import Any

import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

from lib.domain.wording import natural_order

_COLORS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00")

MAX_VERSIONS = len(_COLORS)
"""Number of versions that can be distinguished by color."""


def assign_colors(numbers: Mapping[str, int | None]) -> dict[str, str]:
    """Return a color for each version name, whatever the baseline is and whichever versions are shown.

    `numbers` count the versions of a session in the order in which it first requested them. Versions without a number
    (None) come after them, in the order of their names. With more versions in the session than there are colors, those
    that come later take colors that are free. Raises IndexError for more than MAX_VERSIONS names.
    """
    known = {name: number for name, number in numbers.items() if number is not None}
    following = count(max(known.values(), default=-1) + 1)
    others = sorted((name for name in numbers if name not in known), key=natural_order)
    wanted = {**known, **dict(zip(others, following, strict=False))}
    colors: dict[str, str] = {}
    for name in sorted(wanted, key=wanted.__getitem__):
        free = [color for color in _COLORS if color not in colors.values()]
        own = _COLORS[wanted[name] % MAX_VERSIONS]
        colors[name] = own if own in free else free[0]
    return {name: colors[name] for name in numbers}


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
