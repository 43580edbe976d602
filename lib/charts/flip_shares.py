"""How often versions change their minds about altered images."""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from lib.charts.theme import Part, draw, plain_text
from lib.stats.robustness import Robustness

_BAR_PX = 20
_GAP_PX = 14
_EDGES_PX = 60


def flip_shares(
    by_version: Mapping[str, Sequence[Robustness | None]], perturbations: Sequence[str], colors: Mapping[str, str]
) -> go.Figure:
    """A group of bars for each perturbation, from top to bottom, with a bar for each version.

    Each row of `by_version` is in the order of `perturbations`; None where nothing is known yet.
    """
    return draw(
        [_bars(name, row, perturbations, colors[name]) for name, row in by_version.items()],
        height=_EDGES_PX + len(perturbations) * (len(by_version) * _BAR_PX + _GAP_PX),
        margin={"l": 4, "r": 48, "t": 4, "b": 4},
        showlegend=len(by_version) > 1,
        barmode="group",
        # Plotly draws from the bottom up: turned over, so that the first version stands on top of its group.
        xaxis={"range": [0, 1], "tickformat": ".0%", "fixedrange": True},
        yaxis={"autorange": "reversed", "fixedrange": True, "automargin": True, "ticks": ""},
        hovermode="closest",
    )


def describe_flips(by_version: Mapping[str, Sequence[Robustness | None]], perturbations: Sequence[str]) -> str:
    """The figure in words."""
    said = [
        f"{name}, {words.lower()}: {format_flips(each)}"
        for name, row in by_version.items()
        for words, each in zip(perturbations, row, strict=True)
        if each
    ]
    return f"Changed top labels. {'; '.join(said) or 'Nothing is known yet'}."


def format_flips(each: Robustness) -> str:
    """How many of how many: "3 of 10"."""
    return f"{each.flips} of {each.images}"


def _bars(name: str, row: Sequence[Robustness | None], perturbations: Sequence[str], color: str) -> Part:
    return {
        "type": "bar",
        "name": plain_text(name),
        "orientation": "h",
        "x": [each.share if each else None for each in row],
        "y": [plain_text(words) for words in perturbations],
        "text": [format_flips(each) if each else "" for each in row],
        "textposition": "outside",
        "cliponaxis": False,
        "marker": {"color": color},
        "hovertext": [_hover(name, words, each) for words, each in zip(perturbations, row, strict=True)],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def _hover(name: str, words: str, each: Robustness | None) -> str:
    if each is None:
        return ""
    low, high = each.interval.low, each.interval.high
    return (
        f"{plain_text(name)}, {plain_text(words.lower())}: {format_flips(each)} (95% interval {low:.0%} to {high:.0%})"
    )
