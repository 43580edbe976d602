"""Trend charts of versions, and which version a click selects."""

from typing import Any

import plotly.graph_objects as go
import pytest

from lib.charts.trends import Trend, TrendKind, describe_trend, format_value, trend_figure
from lib.domain.matrix import VersionTrend
from lib.stats.intervals import Interval
from lib.stats.strata import Proportion


def make_trend(version: str = "v1", accuracy: Proportion | None = None, **known: Any) -> Trend:
    values: dict[str, Any] = {
        "images": 20,
        "labeled": 0,
        "right": 0,
        "same_as_baseline": None,
        "compared": None,
        "median_score": 0.5,
        "median_latency_s": 0.1,
    }
    return Trend(VersionTrend(version, **{**values, **known}), accuracy)


def draw(kind: TrendKind, trends: list[Trend]) -> go.Figure:
    return trend_figure(kind, trends, {trend.metrics.version: "#0072B2" for trend in trends})


NOTHING = make_trend("v2", images=0, median_score=None, median_latency_s=None)


def test_versions_are_in_the_given_order_with_their_names_below() -> None:
    figure = draw(TrendKind.SCORE, [make_trend("v2", median_score=0.9), make_trend("v1", median_score=0.4)])

    assert (tuple(figure.data[0].x), tuple(figure.data[0].y)) == ((0, 1), (0.9, 0.4))
    assert tuple(figure.layout.xaxis.ticktext) == ("v2", "v1")


MOSTLY_RIGHT = Proportion(0.8, Interval(0.7, 0.85), labeled=40)


def test_accuracy_is_that_of_all_images_with_its_interval() -> None:
    points = draw(TrendKind.ACCURACY, [make_trend(accuracy=MOSTLY_RIGHT)]).data[0]

    assert (points.y[0], points.error_y.array[0], points.error_y.arrayminus[0]) == pytest.approx((0.8, 0.05, 0.1))


# Newcombe (1998), Stat. Med. 17:857, table I, method 3: Wilson's interval of 81 of 263 is 0.2553 to 0.3662.
def test_agreement_has_wilsons_interval() -> None:
    points = draw(TrendKind.AGREEMENT, [make_trend(compared=263, same_as_baseline=81)]).data[0]

    assert points.y[0] - points.error_y.arrayminus[0] == pytest.approx(0.2553, abs=5e-5)
    assert points.y[0] + points.error_y.array[0] == pytest.approx(0.3662, abs=5e-5)


@pytest.mark.parametrize("kind", [TrendKind.SCORE, TrendKind.LATENCY])
def test_medians_have_no_intervals(kind: TrendKind) -> None:
    assert draw(kind, [make_trend()]).data[0].error_y.array is None


def test_latency_is_in_milliseconds() -> None:
    figure = draw(TrendKind.LATENCY, [make_trend(median_latency_s=0.0425)])

    assert tuple(figure.data[0].y) == (42.5,)
    assert figure.layout.yaxis.ticksuffix == " ms"


@pytest.mark.parametrize("kind", TrendKind)
def test_a_version_without_a_value_leaves_a_gap(kind: TrendKind) -> None:
    known = make_trend("v1", MOSTLY_RIGHT, compared=10, same_as_baseline=9)

    points = draw(kind, [known, NOTHING, known]).data[0]

    assert [value is None for value in points.y] == [False, True, False]
    assert not points.connectgaps


@pytest.mark.parametrize("kind", TrendKind)
def test_no_versions_make_an_empty_figure(kind: TrendKind) -> None:
    assert tuple(draw(kind, []).data[0].x) == ()


def test_the_baseline_has_no_agreement_with_itself() -> None:
    trends = [make_trend("v1"), make_trend("v2", compared=10, same_as_baseline=9)]

    assert tuple(draw(TrendKind.AGREEMENT, trends).data[0].y) == (None, 0.9)


def test_versions_keep_their_colors_if_one_is_missing() -> None:
    colors = {"v1": "#0072B2", "v2": "#E69F00", "v3": "#009E73"}

    points = trend_figure(TrendKind.SCORE, [make_trend("v1"), NOTHING, make_trend("v3")], colors).data[0]

    assert tuple(points.marker.color) == ("#0072B2", "#E69F00", "#009E73")


def test_long_names_are_rotated_so_that_all_are_shown() -> None:
    short = draw(TrendKind.SCORE, [make_trend("v1"), make_trend("v2")])
    long = draw(TrendKind.SCORE, [make_trend("v1"), make_trend("v2"), make_trend("a name with 20 letters")])

    assert (short.layout.xaxis.tickangle, long.layout.xaxis.tickangle) == (0, -30)


def test_each_point_has_the_full_name_of_its_version() -> None:
    long = "a version with a name that no axis has room for"

    figure = draw(TrendKind.SCORE, [make_trend(long)])

    assert [tuple(carried) for carried in figure.data[0].customdata] == [(long,)]
    assert figure.layout.xaxis.ticktext[0].endswith("…")


def test_the_axis_of_shares_shows_0_to_100_percent_without_clipping_points() -> None:
    figure = draw(TrendKind.ACCURACY, [make_trend(accuracy=Proportion(0.0, Interval(0.0, 0.28), labeled=10))])

    assert figure.layout.yaxis.range[0] == 0
    assert figure.layout.yaxis.range[1] >= 1
    assert figure.data[0].cliponaxis is False


def test_markup_in_a_name_is_escaped_in_text_but_not_in_point_data() -> None:
    figure = draw(TrendKind.SCORE, [make_trend("<b>v1</b>")])

    assert figure.layout.xaxis.ticktext[0] == "&lt;b&gt;v1&lt;/b&gt;"
    assert figure.data[0].hovertext[0] == "&lt;b&gt;v1&lt;/b&gt;: 0.50"
    assert tuple(figure.data[0].customdata[0]) == ("<b>v1</b>",)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (TrendKind.ACCURACY, "80.0% (95% CI 70.0% to 85.0%)"),
        (TrendKind.AGREEMENT, "agrees on 9 of 12"),
        (TrendKind.SCORE, "0.50"),
        (TrendKind.LATENCY, "100 ms"),
    ],
)
def test_a_value_has_its_basis(kind: TrendKind, words: str) -> None:
    assert format_value(kind, make_trend(accuracy=MOSTLY_RIGHT, compared=12, same_as_baseline=9)) == words


def test_an_accuracy_that_is_not_known_yet_says_what_is() -> None:
    trend = make_trend(labeled=10, right=8)

    assert format_value(TrendKind.ACCURACY, trend) == "not known yet, correct on 8 of 10 labeled images"


@pytest.mark.parametrize("kind", TrendKind)
def test_a_missing_value_is_shown_as_no_data(kind: TrendKind) -> None:
    assert format_value(kind, NOTHING) == "no data"


def test_the_description_names_every_version() -> None:
    words = describe_trend(TrendKind.LATENCY, [make_trend("v1"), NOTHING])

    assert words == "Median latency: v1 100 ms; v2 no data."
