"""Charts of precision, coverage and recall by threshold."""

from lib.charts.theme import assign_colors
from lib.charts.threshold_charts import describe_curves, threshold_curves
from lib.stats.intervals import Interval
from lib.stats.thresholds import ThresholdPoint

COLORS = assign_colors({"v1": 0, "v2": 1})
# Of ten images all are accepted and six are correct, then five and four, then none.
START = ThresholdPoint(0.0, 1.0, 0.6, Interval(0.31, 0.83), 0.6)
HALF = ThresholdPoint(0.5, 0.5, 0.8, Interval(0.38, 0.96), 0.4)
END = ThresholdPoint(1.0, 0.0, None, Interval(0.0, 1.0), 0.0)
CURVE = [START, HALF, END]


def test_precision_coverage_and_recall_are_drawn_over_the_threshold() -> None:
    figure = threshold_curves({"v1": CURVE}, {}, COLORS)

    assert {line.name: tuple(line.y) for line in figure.data} == {
        "v1 precision": (0.6, 0.8, None),
        "v1 coverage": (1.0, 0.5, 0.0),
        "v1 recall": (0.6, 0.4, 0.0),
    }
    assert {tuple(line.x) for line in figure.data} == {(0.0, 0.5, 1.0)}


def test_precision_ends_where_coverage_is_zero() -> None:
    precision = threshold_curves({"v1": CURVE}, {}, COLORS).data[0]

    assert precision.y[-1] is None


def test_lines_are_distinguished_by_their_dashes_and_versions_by_their_colors() -> None:
    figure = threshold_curves({"v1": CURVE, "v2": CURVE}, {}, COLORS)

    assert [line.line.dash for line in figure.data] == ["solid", "dot", "dash"] * 2
    assert [line.line.color for line in figure.data] == ["#0072B2"] * 3 + ["#E69F00"] * 3


def test_the_recommended_threshold_is_a_thin_dashed_line_with_its_value_in_the_color_of_its_version() -> None:
    layout = threshold_curves({"v1": CURVE, "v2": CURVE}, {"v1": None, "v2": HALF}, COLORS).layout

    (line,) = layout.shapes
    assert (line.x0, line.x1, line.line.dash, line.line.width) == (0.5, 0.5, "dash", 1)
    assert line.line.color == "#E69F00"
    assert [words.text for words in layout.annotations] == ["v2 from 0.50"]


def test_two_versions_with_the_same_recommendation_have_separate_lines_of_text() -> None:
    layout = threshold_curves({"v1": CURVE, "v2": CURVE}, {"v1": HALF, "v2": HALF}, COLORS).layout

    first, second = layout.annotations
    assert (first.text, second.text) == ("v1 from 0.50", "v2 from 0.50")
    assert first.yshift != second.yshift


def test_the_text_of_a_recommendation_is_on_the_side_with_room() -> None:
    low = threshold_curves({"v1": CURVE}, {"v1": START}, COLORS).layout.annotations[0]
    high = threshold_curves({"v1": CURVE}, {"v1": END}, COLORS).layout.annotations[0]

    assert (low.xanchor, high.xanchor) == ("left", "right")


def test_without_a_recommendation_only_the_curves_are_drawn() -> None:
    layout = threshold_curves({"v1": CURVE}, {"v1": None}, COLORS).layout

    assert (layout.shapes, layout.annotations) == ((), ())


def test_markup_in_a_version_name_is_escaped() -> None:
    figure = threshold_curves({"<b>": CURVE}, {"<b>": HALF}, {"<b>": "#0072B2"})

    assert figure.data[0].name == "&lt;b&gt; precision"
    assert figure.layout.annotations[0].text == "&lt;b&gt; from 0.50"


def test_the_description_has_coverage_and_precision_at_one_half() -> None:
    words = describe_curves({"v1": CURVE})

    assert words == ("Precision, coverage and recall over the threshold. v1 at 0.50: coverage 50%, precision 80%.")


def test_a_version_without_labels_at_one_half_has_no_precision_there() -> None:
    words = describe_curves({"v1": [ThresholdPoint(0.5, 0.0, None, Interval(0.0, 1.0), 0.0)]})

    assert words.endswith(" v1 at 0.50: coverage 0%.")


def test_the_description_without_versions_is_complete() -> None:
    assert describe_curves({}) == "Precision, coverage and recall over the threshold."
