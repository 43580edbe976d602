"""Figures for a page of their own, that needs nothing from anywhere else."""

import plotly.graph_objects as go
from plotly.offline import get_plotlyjs


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
