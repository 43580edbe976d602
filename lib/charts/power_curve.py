"""The chance that labeling all disagreements finds a difference, by its size."""

import plotly.graph_objects as go

from lib.charts.theme import make_figure, version_color
from lib.stats.planning import Plan

_HEIGHT_PX = 180


def power_curve(plan: Plan) -> go.Figure:
    """Draw the chance, 0 to 100%, over the true difference in points."""
    return make_figure(
        [
            {
                "type": "scatter",
                "mode": "lines+markers",
                "x": [difference * 100 for difference, _ in plan.power],
                "y": [power for _, power in plan.power],
                "line": {"color": version_color(0), "width": 2},
                "hovertemplate": "%{x:.1f} points: %{y:.0%}<extra></extra>",
            }
        ],
        height=_HEIGHT_PX,
        margin={"l": 4, "r": 16, "t": 8, "b": 40},
        showlegend=False,
        xaxis={"title": {"text": "True difference (points)"}, "fixedrange": True, "rangemode": "tozero"},
        yaxis={"range": [0, 1.05], "tickformat": ".0%", "fixedrange": True, "automargin": True},
    )


def describe_power(plan: Plan) -> str:
    """Describe the figure for screen readers."""
    parts = [f"{difference * 100:g} points: {power:.0%}" for difference, power in plan.power]
    return f"Chance to find a true difference by labeling all disagreements. {'; '.join(parts)}."
