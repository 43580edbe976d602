"""Score bars of a card: the top labels of one image, with the versions side by side."""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from lib.charts.theme import FigurePart, escape_text, make_figure, truncate_label, vertical_line
from lib.domain.predictions import Prediction

_MUTED = 0.35
_BAR_PX = 18
_GROUP_GAP_PX = 10
_AXIS_PX = 46


def score_bars(
    predictions: Mapping[str, Prediction | None], colors: Mapping[str, str], *, threshold: float, count: int
) -> go.Figure:
    """Draw horizontal bars of the `count` best labels, each version in its own color, the best label on top.

    `predictions` is by version name, in order of choice; None for no prediction, which has no bars. Bars below
    `threshold` are muted, never hidden. All cards share the axis 0 to 1.
    """
    known = {name: prediction for name, prediction in predictions.items() if prediction is not None}
    labels = find_best_labels(list(known.values()), count)
    return make_figure(
        [_bars(name, known[name], labels, threshold, colors[name]) for name in known],
        **_layout(labels, len(known)),
        **(_threshold_line(threshold) if threshold > 0 else {}),
    )


def _threshold_line(threshold: float) -> dict[str, list[FigurePart]]:
    value = {"text": f"{threshold:.2f}", "font": {"size": 11}, "showarrow": False}
    return {
        "shapes": [vertical_line(threshold, dash="dash", width=1, color="gray")],
        "annotations": [{**value, "x": threshold, "y": 1, "yref": "paper", "yanchor": "bottom"}],
    }


def find_best_labels(predictions: Sequence[Prediction], count: int) -> list[str]:
    """Return the `count` labels with the highest score in any prediction, best first."""
    best: dict[str, float] = {}
    for score in (score for prediction in predictions for score in prediction.best(count)):
        best[score.label] = max(score.value, best.get(score.label, 0.0))
    return sorted(best, key=lambda label: -best[label])[:count]


def _bars(name: str, prediction: Prediction, labels: list[str], threshold: float, color: str) -> FigurePart:
    values = [prediction.score_of(label) for label in labels]
    return {
        "type": "bar",
        "name": escape_text(name),
        "orientation": "h",
        "y": list(range(len(labels))),
        "x": values,
        "text": ["" if value is None else f"{value:.2f}" for value in values],
        "textposition": "outside",
        "cliponaxis": False,
        "customdata": [escape_text(label) for label in labels],
        "hovertemplate": "%{customdata}<br>%{fullData.name}%{x:.4f}<extra></extra>",
        "marker": {"color": color, "opacity": [_opacity(value, threshold) for value in values]},
    }


def _opacity(value: float | None, threshold: float) -> float:
    return 1.0 if value is not None and value >= threshold else _MUTED


def _layout(labels: list[str], version_count: int) -> dict[str, object]:
    return {
        "height": _AXIS_PX + len(labels) * (_BAR_PX * version_count + _GROUP_GAP_PX),
        "margin": {"l": 4, "r": 32, "t": 18, "b": 4},
        "barmode": "group",
        "bargap": 0.25,
        "showlegend": version_count > 1,
        "legend": {"orientation": "h", "yanchor": "top", "y": -0.12, "x": 0},
        "xaxis": {"range": [0, 1], "tickvals": [0, 0.5, 1], "fixedrange": True},
        # Bars are at numbers, so that two labels that are truncated to the same text keep their own bars.
        "yaxis": {
            "tickvals": list(range(len(labels))),
            "ticktext": [truncate_label(label) for label in labels],
            "autorange": "reversed",
            "fixedrange": True,
            "automargin": True,
        },
    }
