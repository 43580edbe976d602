"""The card's chart: the top labels of one image, the versions side by side."""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from lib.charts.theme import Part, cut_label, draw, plain_text, version_color, vertical_line
from lib.domain.predictions import Prediction

_MUTED = 0.35
_BAR_PX = 18
_GROUP_GAP_PX = 10
_AXIS_PX = 46


def score_bars(answers: Mapping[str, Prediction | None], *, threshold: float, count: int) -> go.Figure:
    """Horizontal bars of the `count` best labels, each version in its own color, the best label on top.

    `answers` maps version names, in order of choice, to their predictions (None: no answer, no bars). Bars below
    `threshold` are muted, never hidden. All cards share the axis 0 to 1.
    """
    given = {name: prediction for name, prediction in answers.items() if prediction is not None}
    labels = best_labels(list(given.values()), count)
    colors = {name: version_color(place) for place, name in enumerate(answers)}
    return draw(
        [_bars(name, given[name], labels, threshold, colors[name]) for name in given],
        **_layout(labels, len(given)),
        **(_threshold_line(threshold) if threshold > 0 else {}),
    )


def _threshold_line(threshold: float) -> dict[str, list[Part]]:
    words = {"text": f"{threshold:.2f}", "font": {"size": 11}, "showarrow": False}
    return {
        "shapes": [vertical_line(threshold, dash="dash", width=1, color="gray")],
        "annotations": [{**words, "x": threshold, "y": 1, "yref": "paper", "yanchor": "bottom"}],
    }


def best_labels(predictions: Sequence[Prediction], count: int) -> list[str]:
    """The `count` labels that any of the predictions scores highest, best first."""
    best: dict[str, float] = {}
    for score in (score for prediction in predictions for score in prediction.best(count)):
        best[score.label] = max(score.value, best.get(score.label, 0.0))
    return sorted(best, key=lambda label: -best[label])[:count]


def _bars(name: str, prediction: Prediction, labels: list[str], threshold: float, color: str) -> Part:
    values = [prediction.score_of(label) for label in labels]
    return {
        "type": "bar",
        "name": plain_text(name),
        "orientation": "h",
        "y": list(range(len(labels))),
        "x": values,
        "text": ["" if value is None else f"{value:.2f}" for value in values],
        "textposition": "outside",
        "cliponaxis": False,
        "customdata": [plain_text(label) for label in labels],
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
        # Bars stand at numbers, so that two labels of the same text, or cut to the same text, keep their own bars.
        "yaxis": {
            "tickvals": list(range(len(labels))),
            "ticktext": [cut_label(label) for label in labels],
            "autorange": "reversed",
            "fixedrange": True,
            "automargin": True,
        },
    }
