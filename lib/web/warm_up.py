"""Loads at the start what pages would load when they are first opened.

Several people open pages just after a start, each in a thread of their own, and libraries look one another up among
the loaded modules: Plotly does so with pandas, and fails where another thread is still loading it.
"""

import ast
import gc
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from lib.charts.theme import draw, embed
from lib.settings import ROOT

# What libraries load at their first use only, beyond what the pages name themselves.
_LATE = (
    "PIL.PpmImagePlugin",
    "fsspec.implementations.chained",
    "google.auth.compute_engine",
    "grpc._channel",
    "grpc._server",
    "grpc._utilities",
    "imagehash",
    "narwhals._interchange.dataframe",
    "pandas",
    "plotly.animation",
    "pyarrow.pandas_compat",
    "pyarrow.vendored.version",
    "scipy.fftpack",
    "scipy.sparse.csgraph",
    "scipy.special",
    "streamlit.components.v2.manifest_scanner",
    "streamlit.material_icon_names",
)
_POINTS = {"marker": {"opacity": 1}, "textfont": {"color": "black"}}
_TRACES = (
    {"type": "bar", "marker": {"opacity": 1}, "error_y": {"width": 1}},
    {"type": "scatter", "marker": {"line": {"width": 1}}, "line": {"width": 1}, "error_y": {"width": 1}},
    {"type": "scatter", "selected": _POINTS, "unselected": _POINTS},
    {"type": "heatmap", "textfont": {"size": 11}},
)
_LAYOUT = {
    "shapes": [{"line": {"width": 1}}],
    "annotations": [{"font": {"size": 11}}],
    "images": [{"opacity": 1}],
    "margin": {"t": 0},
    "xaxis": {"title": {"text": ""}},
    "yaxis": {"title": {"text": ""}},
}


def import_late() -> None:
    """Import all that pages import, and what their libraries then load; to be called before the server listens."""
    # What is loaded stays: collections while more is loaded would look through it in vain, for a fifth of the time.
    gc.freeze()
    for script in (ROOT / "lib/ui/main.py", *sorted((ROOT / "pages").glob("*.py"))):
        for module in _find_imports(script):
            import_module(module)
    for module in _LATE:
        import_module(module)
    # Plotly loads each part of a figure with the first figure that has it.
    embed(draw(_TRACES, **_LAYOUT))


def _find_imports(script: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(script.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
