"""What the card's chart shows."""

import plotly.graph_objects as go
import pytest

from lib.charts.score_bars import find_best_labels, score_bars
from lib.charts.theme import MAX_VERSIONS, version_color
from lib.domain.predictions import Prediction

CAT = Prediction(("cat", "dog", "fox"), (0.7, 0.2, 0.1))
DOG = Prediction(("cat", "dog", "fox"), (0.3, 0.65, 0.05))

COLORS = {"v1": "#0072B2", "v2": "#E69F00"}


def labels_of(figure: go.Figure) -> tuple[str, ...]:
    return tuple(figure.layout.yaxis.ticktext)


def test_the_label_with_the_highest_score_is_on_top() -> None:
    figure = score_bars({"v1": CAT, "v2": DOG}, COLORS, threshold=0.5, count=3)

    assert labels_of(figure) == ("cat", "dog", "fox")
    assert figure.layout.yaxis.autorange == "reversed"


def test_each_version_has_bars_for_all_shown_labels() -> None:
    figure = score_bars({"v1": CAT, "v2": DOG}, COLORS, threshold=0.5, count=2)

    assert [(bars.name, tuple(bars.x)) for bars in figure.data] == [("v1", (0.7, 0.2)), ("v2", (0.3, 0.65))]


def test_scores_are_printed_with_two_decimals() -> None:
    figure = score_bars({"v1": CAT}, COLORS, threshold=0.5, count=3)

    assert tuple(figure.data[0].text) == ("0.70", "0.20", "0.10")


def test_bars_below_the_threshold_are_muted_and_not_hidden() -> None:
    figure = score_bars({"v1": CAT}, COLORS, threshold=0.2, count=3)

    at_it, on_it, below = figure.data[0].marker.opacity
    assert (at_it, on_it) == (1.0, 1.0)
    assert 0.0 < below < 1.0


def test_the_threshold_is_a_dashed_line_with_its_value() -> None:
    figure = score_bars({"v1": CAT}, COLORS, threshold=0.35, count=3)

    line = figure.layout.shapes[0]
    assert (line.x0, line.x1, line.line.dash) == (0.35, 0.35, "dash")
    assert figure.layout.annotations[0].text == "0.35"


def test_all_cards_share_the_axis_from_0_to_1() -> None:
    figure = score_bars({"v1": Prediction(("cat",), (0.01,))}, COLORS, threshold=0.5, count=5)

    assert tuple(figure.layout.xaxis.range) == (0, 1)


def test_a_version_keeps_its_color_when_another_has_no_prediction() -> None:
    figure = score_bars({"v1": None, "v2": DOG}, COLORS, threshold=0.5, count=3)

    # Okabe and Ito's orange: the first candidate's, though it is the only one drawn.
    assert [(bars.name, bars.marker.color) for bars in figure.data] == [("v2", "#E69F00")]


def test_one_version_needs_no_legend() -> None:
    assert not score_bars({"v1": CAT}, COLORS, threshold=0.5, count=3).layout.showlegend
    assert score_bars({"v1": CAT, "v2": DOG}, COLORS, threshold=0.5, count=3).layout.showlegend


def test_a_long_label_is_truncated_and_shown_in_full_on_hover() -> None:
    long = "a very long label that no card has room for"

    figure = score_bars({"v1": Prediction((long,), (0.9,))}, COLORS, threshold=0.5, count=5)

    assert labels_of(figure)[0].endswith("…")
    assert tuple(figure.data[0].customdata) == (long,)


def test_a_label_that_a_version_does_not_predict_has_no_bar_there() -> None:
    figure = score_bars({"v1": Prediction(("owl",), (0.9,)), "v2": CAT}, COLORS, threshold=0.5, count=2)

    assert tuple(figure.data[1].x) == (None, 0.7)


def test_a_prediction_without_labels_gives_an_empty_chart() -> None:
    figure = score_bars({"v1": Prediction((), ())}, COLORS, threshold=0.5, count=5)

    assert labels_of(figure) == ()


def test_a_label_is_listed_once_by_its_highest_score() -> None:
    assert find_best_labels([CAT, DOG], 3) == ["cat", "dog", "fox"]


def test_more_versions_than_colors_are_rejected() -> None:
    with pytest.raises(IndexError):
        version_color(MAX_VERSIONS)
