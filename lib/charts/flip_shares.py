"""Share of perturbed images whose top label changes, for each version and perturbation."""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from lib.charts.theme import FigurePart, escape_text, make_figure
from lib.stats.robustness import Robustness

_BAR_PX = 20
_GAP_PX = 14
_EDGES_PX = 60


def flip_shares(
    by_version: Mapping[str, Sequence[Robustness | None]], perturbations: Sequence[str], colors: Mapping[str, str]
) -> go.Figure:
    """Draw a group of bars for each perturbation, from top to bottom, with a bar for each version.

    Each row of `by_version` is in the order of `perturbations`; None if there are no results yet.
    """
    return make_figure(
        [_bars(name, row, perturbations, colors[name]) for name, row in by_version.items()],
        height=_EDGES_PX + len(perturbations) * (len(by_version) * _BAR_PX + _GAP_PX),
        margin={"l": 4, "r": 48, "t": 4, "b": 4},
        showlegend=len(by_version) > 1,
        barmode="group",
        # Plotly draws from the bottom up: reversed, so that the first version is on top of its group.
        xaxis={"range": [0, 1], "tickformat": ".0%", "fixedrange": True},
        yaxis={"autorange": "reversed", "fixedrange": True, "automargin": True, "ticks": ""},
        hovermode="closest",
    )


def describe_flips(by_version: Mapping[str, Sequence[Robustness | None]], perturbations: Sequence[str]) -> str:
    """Describe the figure for screen readers."""
    parts = [
        f"{name}, {perturbation.lower()}: {format_flips(robustness)}"
        for name, row in by_version.items()
        for perturbation, robustness in zip(perturbations, row, strict=True)
        if robustness
    ]
    return f"Changed top labels. {'; '.join(parts) or 'No results yet'}."


def format_flips(robustness: Robustness) -> str:
    """Return flipped and all images: "3 of 10"."""
    return f"{robustness.flips} of {robustness.images}"


def _bars(name: str, row: Sequence[Robustness | None], perturbations: Sequence[str], color: str) -> FigurePart:
    return {
        "type": "bar",
        "name": escape_text(name),
        "orientation": "h",
        "x": [robustness.share if robustness else None for robustness in row],
        "y": [escape_text(perturbation) for perturbation in perturbations],
        "text": [format_flips(robustness) if robustness else "" for robustness in row],
        "textposition": "outside",
        "cliponaxis": False,
        "marker": {"color": color},
        "hovertext": [
            _describe_bar(name, perturbation, robustness)
            for perturbation, robustness in zip(perturbations, row, strict=True)
        ],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def _describe_bar(name: str, perturbation: str, robustness: Robustness | None) -> str:
    if robustness is None:
        return ""
    low, high = robustness.interval.low, robustness.interval.high
    share = f"{format_flips(robustness)} (95% CI {low:.0%} to {high:.0%})"
    return f"{escape_text(name)}, {escape_text(perturbation.lower())}: {share}"
