"""Median and 95th percentile of the latency of each version."""

from collections.abc import Mapping

import plotly.graph_objects as go

from lib.charts.theme import FigurePart, escape_text, make_figure, truncate_label
from lib.stats.latency import Latency

_ROW_PX = 56
_AXIS_PX = 60


def latency_change(latencies: Mapping[str, Latency], colors: Mapping[str, str]) -> go.Figure:
    """Draw a row per version, baseline on top: a dot at the median and a bar at the 95th percentile, in ms.

    `colors` are those of the versions, by name.
    """
    rows = enumerate(latencies.items())
    slowest_ms = max((_marks_ms(latency)[1] for latency in latencies.values()), default=0.0)
    return make_figure(
        [_row(row, name, latency, colors[name]) for row, (name, latency) in rows],
        height=_AXIS_PX + len(latencies) * _ROW_PX,
        margin={"l": 4, "r": 12, "t": 4, "b": 4},
        showlegend=False,
        hovermode="closest",
        xaxis={
            # From 0, so that lengths are proportional; with room for the text at the end.
            "range": [0, 1.1 * slowest_ms or 1],
            "ticksuffix": " ms",
            "fixedrange": True,
            "automargin": True,
        },
        yaxis={
            "tickvals": list(range(len(latencies))),
            "ticktext": [truncate_label(name) for name in latencies],
            "range": [len(latencies) - 0.5, -0.5],
            "fixedrange": True,
            "automargin": True,
            "zeroline": False,
            "showgrid": False,
        },
    )


def describe_latency(latencies: Mapping[str, Latency]) -> str:
    """Describe the figure for screen readers."""
    parts = [
        f"{name} {_format_ms(median)} median, {_format_ms(p95)} 95th percentile"
        for name, (median, p95) in ((name, _marks_ms(latency)) for name, latency in latencies.items())
    ]
    return f"Latency: {'; '.join(parts) or 'no predictions'}."


def _row(row: int, name: str, latency: Latency, color: str) -> FigurePart:
    marks = _marks_ms(latency)
    shares = ("50%", "95%")
    return {
        "type": "scatter",
        "x": marks,
        "y": [row, row],
        "mode": "lines+markers+text",
        "line": {"color": color, "width": 2},
        "marker": {"symbol": ["circle", "line-ns-open"], "size": 12, "line": {"color": color, "width": 2}},
        "text": [_format_ms(mark) for mark in marks],
        # Above and below, so that they never overlap.
        "textposition": ["top center", "bottom center"],
        "cliponaxis": False,
        "hovertext": [
            f"{escape_text(name)}: {share} of predictions within {_format_ms(mark)}"
            for share, mark in zip(shares, marks, strict=True)
        ],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def _marks_ms(latency: Latency) -> tuple[float, float]:
    return latency.median_s * 1000, latency.p95_s * 1000


def _format_ms(latency_ms: float) -> str:
    return f"{latency_ms:.0f} ms" if latency_ms >= 10 else f"{latency_ms:.1f} ms"
