"""The chart that compares latencies of versions."""

import plotly.graph_objects as go
import pytest

from lib.charts.latency_change import describe_latency, latency_change
from lib.charts.theme import assign_colors
from lib.stats.latency import Latency

COLORS = assign_colors({"v1": 0, "v2": 1})
TWO = {"v1": Latency(0.040, 0.125), "v2": Latency(0.0052, 1.5)}


def rows_of(figure: go.Figure) -> list[tuple[tuple[float, ...], tuple[int, ...]]]:
    return [(tuple(row.x), tuple(row.y)) for row in figure.data]


def test_each_version_has_a_row_from_its_median_to_its_95th_percentile_in_milliseconds() -> None:
    figure = latency_change(TWO, COLORS)

    assert rows_of(figure) == [((40.0, 125.0), (0, 0)), (pytest.approx((5.2, 1500.0)), (1, 1))]


def test_the_baseline_is_on_top() -> None:
    axis = latency_change(TWO, COLORS).layout.yaxis

    assert tuple(axis.ticktext) == ("v1", "v2")
    assert tuple(axis.range) == (1.5, -0.5)


def test_the_axis_starts_at_0_and_includes_the_slowest_version() -> None:
    start, end = latency_change(TWO, COLORS).layout.xaxis.range

    assert start == 0
    assert end > 1500


def test_both_marks_have_a_unit_and_do_not_overlap() -> None:
    rows = latency_change(TWO, COLORS).data

    assert [tuple(row.text) for row in rows] == [("40 ms", "125 ms"), ("5.2 ms", "1500 ms")]
    assert tuple(rows[0].textposition) == ("top center", "bottom center")


def test_versions_have_their_colors() -> None:
    rows = latency_change({"v2": TWO["v2"]}, COLORS).data

    assert [row.line.color for row in rows] == ["#E69F00"]


def test_hovering_over_a_mark_explains_it() -> None:
    row = latency_change({"v1": TWO["v1"]}, COLORS).data[0]

    assert tuple(row.hovertext) == ("v1: 50% of predictions within 40 ms", "v1: 95% of predictions within 125 ms")


def test_names_that_are_truncated_to_the_same_text_keep_their_own_rows() -> None:
    names = ["a common long beginning 1", "a common long beginning 2"]

    figure = latency_change(dict.fromkeys(names, TWO["v1"]), assign_colors(dict.fromkeys(names)))

    first, second = figure.layout.yaxis.ticktext
    assert first == second
    assert tuple(figure.layout.yaxis.tickvals) == (0, 1)


def test_markup_in_a_version_name_is_escaped() -> None:
    figure = latency_change({"<b>": TWO["v1"]}, {"<b>": "#0072B2"})

    assert figure.layout.yaxis.ticktext[0] == "&lt;b&gt;"
    assert figure.data[0].hovertext[0].startswith("&lt;b&gt;: ")


def test_latencies_of_zero_still_have_a_valid_axis() -> None:
    start, end = latency_change({"v1": Latency(0.0, 0.0)}, COLORS).layout.xaxis.range

    assert start < end


def test_no_versions_make_an_empty_figure() -> None:
    assert latency_change({}, COLORS).data == ()
    assert describe_latency({}) == "Latency: no predictions."


def test_the_description_has_both_numbers_of_each_version() -> None:
    words = describe_latency(TWO)

    assert words == ("Latency: v1 40 ms median, 125 ms 95th percentile; v2 5.2 ms median, 1500 ms 95th percentile.")
