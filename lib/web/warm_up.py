"""Imports everything that pages use before the first page is opened.

After a start several people open pages at once, each in a thread, and libraries look one another up among the loaded
modules: Plotly looks up pandas, and fails while another thread is still importing it.
"""

import ast
import gc
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from lib.charts.theme import make_figure, to_script_json
from lib.settings import ROOT

# Modules that libraries import on first use, in addition to the imports of pages.
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


def import_for_pages() -> None:
    """Import all that pages import, and what their libraries import later. To be called before the server listens."""
    # Modules stay: collections during the imports would visit them in vain, for a fifth of the time.
    gc.freeze()
    for script in (ROOT / "lib/ui/main.py", *sorted((ROOT / "pages").glob("*.py"))):
        for module in _find_imports(script):
            import_module(module)
    for module in _LATE:
        import_module(module)
    # Plotly imports each part of a figure with the first figure that has it.
    to_script_json(make_figure(_TRACES, **_LAYOUT))


def _find_imports(script: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(script.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
