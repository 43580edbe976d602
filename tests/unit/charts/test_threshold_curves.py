"""What the curves over the threshold show."""

from lib.charts.theme import colors_of
from lib.charts.threshold_charts import describe_curves, threshold_curves
from lib.stats.intervals import Interval
from lib.stats.thresholds import ThresholdPoint

COLORS = colors_of(["v1", "v2"])
# Of ten images all are answered and six right, then five and four, then none.
START = ThresholdPoint(0.0, 1.0, 0.6, Interval(0.31, 0.83), 0.6)
HALF = ThresholdPoint(0.5, 0.5, 0.8, Interval(0.38, 0.96), 0.4)
END = ThresholdPoint(1.0, 0.0, None, Interval(0.0, 1.0), 0.0)
CURVE = [START, HALF, END]


def test_precision_share_answered_and_recall_are_drawn_over_the_threshold() -> None:
    figure = threshold_curves({"v1": CURVE}, {}, COLORS)

    assert {line.name: tuple(line.y) for line in figure.data} == {
        "v1 precision": (0.6, 0.8, None),
        "v1 answered": (1.0, 0.5, 0.0),
        "v1 recall": (0.6, 0.4, 0.0),
    }
    assert {tuple(line.x) for line in figure.data} == {(0.0, 0.5, 1.0)}


def test_precision_ends_where_no_image_is_answered() -> None:
    precision = threshold_curves({"v1": CURVE}, {}, COLORS).data[0]

    assert precision.y[-1] is None


def test_lines_are_told_apart_by_their_dashes_and_versions_by_their_colors() -> None:
    figure = threshold_curves({"v1": CURVE, "v2": CURVE}, {}, COLORS)

    assert [line.line.dash for line in figure.data] == ["solid", "dot", "dash"] * 2
    assert [line.line.color for line in figure.data] == ["#0072B2"] * 3 + ["#E69F00"] * 3


def test_the_advised_threshold_is_a_thin_dashed_line_with_its_value_in_the_color_of_its_version() -> None:
    layout = threshold_curves({"v1": CURVE, "v2": CURVE}, {"v1": None, "v2": HALF}, COLORS).layout

    (line,) = layout.shapes
    assert (line.x0, line.x1, line.line.dash, line.line.width) == (0.5, 0.5, "dash", 1)
    assert line.line.color == "#E69F00"
    assert [words.text for words in layout.annotations] == ["v2 from 0.50"]


def test_two_versions_with_the_same_advice_have_a_row_of_words_each() -> None:
    layout = threshold_curves({"v1": CURVE, "v2": CURVE}, {"v1": HALF, "v2": HALF}, COLORS).layout

    first, second = layout.annotations
    assert (first.text, second.text) == ("v1 from 0.50", "v2 from 0.50")
    assert first.yshift != second.yshift


def test_the_words_of_the_advice_stand_on_the_side_that_has_room() -> None:
    low = threshold_curves({"v1": CURVE}, {"v1": START}, COLORS).layout.annotations[0]
    high = threshold_curves({"v1": CURVE}, {"v1": END}, COLORS).layout.annotations[0]

    assert (low.xanchor, high.xanchor) == ("left", "right")


def test_no_advice_leaves_the_curves_alone() -> None:
    layout = threshold_curves({"v1": CURVE}, {"v1": None}, COLORS).layout

    assert (layout.shapes, layout.annotations) == ((), ())


def test_markup_in_the_name_of_a_version_stands_for_itself() -> None:
    figure = threshold_curves({"<b>": CURVE}, {"<b>": HALF}, {"<b>": "#0072B2"})

    assert figure.data[0].name == "&lt;b&gt; precision"
    assert figure.layout.annotations[0].text == "&lt;b&gt; from 0.50"


def test_the_curves_in_words_say_what_a_threshold_of_one_half_brings() -> None:
    words = describe_curves({"v1": CURVE})

    assert words == (
        "Precision, share answered and recall over the threshold."
        " v1 answers 50% of the images from 0.50 on, 80% of them right."
    )


def test_a_version_that_answers_nothing_from_one_half_on_is_not_said_to_be_right_or_wrong() -> None:
    words = describe_curves({"v1": [ThresholdPoint(0.5, 0.0, None, Interval(0.0, 1.0), 0.0)]})

    assert words.endswith(" v1 answers 0% of the images from 0.50 on.")


def test_no_versions_leave_no_half_sentence() -> None:
    assert describe_curves({}) == "Precision, share answered and recall over the threshold."
