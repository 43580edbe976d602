"""What the reliability diagram shows."""

import pytest

from lib.charts.reliability_diagram import describe_reliability, reliability_diagram
from lib.charts.theme import assign_colors
from lib.stats.calibration import Bin, Calibration
from lib.stats.intervals import Interval

# Newcombe (1998), Stat. Med. 17:857, table I, method 3: Wilson's interval of 81 of 263 is 0.2553 to 0.3662.
PUBLISHED = Bin(263, 0.4, 81 / 263, Interval(0.2553, 0.3662))
ALL_RIGHT = Bin(263, 0.9, 1.0, Interval(0.9856, 1.0))
COLORS = assign_colors({"v1": 0, "v2": 1})


def make_calibration(*bins: Bin, error: float = 0.1) -> Calibration:
    return Calibration(bins or (PUBLISHED, ALL_RIGHT), error, perfect_error=0.02, brier=0.3, worst_brier=2.0)


def test_each_bin_stands_at_its_mean_score_and_its_accuracy() -> None:
    line = reliability_diagram({"v1": make_calibration()}, COLORS).data[0]

    assert tuple(line.x) == (0.4, 0.9)
    assert tuple(line.y) == (81 / 263, 1.0)


def test_bars_reach_to_both_ends_of_the_interval() -> None:
    line = reliability_diagram({"v1": make_calibration(PUBLISHED)}, COLORS).data[0]

    assert line.y[0] + line.error_y.array[0] == pytest.approx(0.3662)
    assert line.y[0] - line.error_y.arrayminus[0] == pytest.approx(0.2553)


def test_the_dashed_diagonal_is_where_calibration_is_perfect() -> None:
    line = reliability_diagram({"v1": make_calibration()}, COLORS).layout.shapes[0]

    assert (line.x0, line.y0, line.x1, line.y1, line.line.dash) == (0, 0, 1, 1, "dash")


def test_the_images_of_each_bin_are_counted_below_it() -> None:
    figure = reliability_diagram({"v1": make_calibration()}, COLORS)

    line, counts = figure.data
    assert tuple(counts.x) == tuple(line.x)
    assert tuple(counts.y) == (263, 263)
    assert counts.yaxis == "y2"
    assert figure.layout.yaxis2.domain[1] < figure.layout.yaxis.domain[0]


def test_points_at_the_ends_of_the_axes_are_not_clipped() -> None:
    layout = reliability_diagram({"v1": make_calibration()}, COLORS).layout

    starts, ends = zip(layout.xaxis.range, layout.yaxis.range, strict=True)
    assert max(starts) < 0
    assert min(ends) > 1


def test_a_version_keeps_its_color_when_the_other_has_too_few_images() -> None:
    line, counts = reliability_diagram({"v2": make_calibration()}, COLORS).data

    # Okabe and Ito's orange: the first candidate's.
    assert (line.line.color, counts.marker.color) == ("#E69F00", "#E69F00")


def test_only_several_versions_need_a_legend() -> None:
    one = reliability_diagram({"v1": make_calibration()}, COLORS)
    two = reliability_diagram({"v1": make_calibration(), "v2": make_calibration()}, COLORS)

    assert not one.layout.showlegend
    assert two.layout.showlegend
    assert [trace.name for trace in two.data if trace.showlegend is not False] == ["v1", "v2"]


def test_markup_in_a_version_name_is_escaped() -> None:
    line = reliability_diagram({"<i>v1</i>": make_calibration()}, {"<i>v1</i>": "#0072B2"}).data[0]

    assert line.name == "&lt;i&gt;v1&lt;/i&gt;"
    assert "<i>" not in line.hovertemplate


def test_without_calibration_only_the_diagonal_is_drawn() -> None:
    assert reliability_diagram({}, COLORS).data == ()


def test_the_description_has_the_error_of_each_version() -> None:
    words = describe_reliability({"v1": make_calibration(error=0.0512), "v2": make_calibration(error=0.2)})

    assert words == "Accuracy over score, in ten bins. Expected calibration error: v1 0.051, v2 0.200."
