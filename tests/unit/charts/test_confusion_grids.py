"""Confusion grids: what they show, and which cell a click selects."""

import numpy as np
import plotly.graph_objects as go
import pytest

from lib.charts.confusion_grids import change_grid, confusion_grid, describe_confusion, find_clicked_cell
from lib.stats.confusion import OTHER, Cell, Confusion, Side

# Of ten images of cats and ten of dogs, the baseline takes three cats for dogs, and the candidate one dog for a cat.
CATS_AND_DOGS = Confusion(("cat", "dog"), np.array([[7, 3], [0, 10]]), np.array([[10, 0], [1, 9]]))


def make_confusion(*labels: str) -> Confusion:
    """A confusion in which both versions are right on one image of each label."""
    once = np.eye(len(labels), dtype=int)
    return Confusion(labels, once, once)


def ground_of(figure: go.Figure) -> np.ndarray:
    return np.asarray(figure.data[0].z, dtype=float)


def test_true_labels_go_from_top_to_bottom_and_predicted_labels_from_left_to_right() -> None:
    figure = confusion_grid(CATS_AND_DOGS, Side.BASELINE)

    cells = figure.data[1]
    assert (tuple(cells.y), tuple(cells.x)) == ((0, 0, 1, 1), (0, 1, 0, 1))
    assert tuple(cells.text) == ("7", "3", "", "10")
    assert tuple(figure.layout.yaxis.range) == (1.5, -0.5)
    assert tuple(figure.layout.xaxis.range) == (-0.5, 1.5)


def test_each_version_has_its_own_counts() -> None:
    figure = confusion_grid(CATS_AND_DOGS, Side.CANDIDATE)

    assert tuple(figure.data[1].text) == ("10", "", "1", "9")


def test_a_cell_without_images_is_transparent() -> None:
    figure = confusion_grid(CATS_AND_DOGS, Side.BASELINE)

    np.testing.assert_array_equal(ground_of(figure), [[7, 3], [np.nan, 10]])


def test_the_change_is_printed_with_its_sign() -> None:
    figure = change_grid(CATS_AND_DOGS)

    assert tuple(figure.data[1].text) == ("+3", "-3", "+1", "-1")


def test_more_correct_and_fewer_wrong_predictions_have_the_color_of_an_improvement() -> None:
    figure = change_grid(CATS_AND_DOGS)

    # Three more cats are correct, three fewer are predicted as dogs; one more dog is predicted as a cat.
    np.testing.assert_array_equal(ground_of(figure), [[3, 3], [-1, -1]])


def test_gain_is_blue_and_loss_orange_and_both_equally_strong() -> None:
    ground = change_grid(CATS_AND_DOGS).data[0]

    assert (ground.zmin, ground.zmax) == (-3, 3)
    assert ground.colorscale[0] == (0.0, "rgba(213,94,0,0.7)")
    assert ground.colorscale[-1] == (1.0, "rgba(0,114,178,0.7)")


def test_a_grid_without_changes_is_transparent() -> None:
    figure = change_grid(make_confusion("cat", "dog"))

    assert np.isnan(ground_of(figure)).all()
    assert set(figure.data[1].text) == {""}


def test_a_change_among_the_labels_grouped_as_others_is_neither_gain_nor_loss() -> None:
    confusion = Confusion(("cat", OTHER), np.array([[5, 0], [0, 20]]), np.array([[4, 1], [0, 25]]))

    figure = change_grid(confusion)

    np.testing.assert_array_equal(ground_of(figure), [[-1, -1], [np.nan, np.nan]])
    assert figure.data[1].text[3] == "+5"


def test_each_cell_carries_its_row_and_column() -> None:
    figure = change_grid(CATS_AND_DOGS)

    assert [tuple(cell) for cell in figure.data[1].customdata] == [(0, 0), (0, 1), (1, 0), (1, 1)]


def test_a_click_anywhere_in_a_cell_selects_its_point() -> None:
    figure = confusion_grid(CATS_AND_DOGS, Side.BASELINE)

    # Plotly: -1 is no limit to the distance from the nearest point.
    assert (figure.layout.hovermode, figure.layout.hoverdistance) == ("closest", -1)


def test_the_heatmap_does_not_block_hovering_over_points() -> None:
    assert confusion_grid(CATS_AND_DOGS, Side.BASELINE).data[0].hoverinfo == "skip"


@pytest.mark.parametrize("side", [None, Side.BASELINE, Side.CANDIDATE])
def test_a_clicked_point_identifies_its_cell(side: Side | None) -> None:
    assert find_clicked_cell([0, 1], side) == Cell(0, 1, side)


@pytest.mark.parametrize("custom", [None, [], [1], 1, "01"])
def test_a_point_without_a_cell_selects_none(custom: object) -> None:
    assert find_clicked_cell(custom, Side.BASELINE) is None


def test_hovering_over_a_cell_explains_its_count() -> None:
    counts, change = confusion_grid(CATS_AND_DOGS, Side.BASELINE), change_grid(CATS_AND_DOGS)

    assert counts.data[1].hovertext[1] == "True label cat, predicted dog: 3"
    assert counts.data[1].hovertext[2] == "True label dog, predicted cat: 0"
    assert change.data[1].hovertext[1] == "True label cat, predicted dog: -3"


def test_the_diagonal_is_framed() -> None:
    frames = confusion_grid(CATS_AND_DOGS, Side.BASELINE).layout.shapes

    assert [(frame.x0, frame.x1, frame.y0, frame.y1) for frame in frames] == [(-0.5, 0.5) * 2, (0.5, 1.5) * 2]


def test_counts_are_printed_for_up_to_fifteen_labels() -> None:
    fifteen = confusion_grid(make_confusion(*(f"label {place}" for place in range(15))), Side.BASELINE)
    sixteen = confusion_grid(make_confusion(*(f"label {place}" for place in range(16))), Side.BASELINE)

    assert (fifteen.data[1].mode, sixteen.data[1].mode) == ("markers+text", "markers")


def test_many_labels_are_vertical_to_avoid_overlaps() -> None:
    few = confusion_grid(CATS_AND_DOGS, Side.BASELINE)
    many = confusion_grid(make_confusion(*(f"label {place}" for place in range(25))), Side.BASELINE)

    assert (few.layout.xaxis.tickangle, many.layout.xaxis.tickangle) == (-45, -90)


def test_twenty_five_labels_have_a_point_on_each_of_their_cells() -> None:
    figure = change_grid(make_confusion(*(f"label {place}" for place in range(25))))

    assert len(figure.data[1].customdata) == 25 * 25
    assert tuple(figure.data[1].customdata[-1]) == (24, 24)


def test_one_label_makes_one_cell() -> None:
    figure = confusion_grid(make_confusion("cat"), Side.CANDIDATE)

    assert (tuple(figure.data[1].x), tuple(figure.data[1].y), tuple(figure.data[1].text)) == ((0,), (0,), ("1",))


def test_labels_that_are_truncated_to_the_same_text_keep_their_own_rows() -> None:
    figure = confusion_grid(make_confusion("a common long beginning 1", "a common long beginning 2"), Side.BASELINE)

    first, second = figure.layout.yaxis.ticktext
    assert first == second
    assert tuple(figure.layout.yaxis.tickvals) == (0, 1)
    assert figure.data[1].hovertext[1] == "True label a common long beginning 1, predicted a common long beginning 2: 0"


def test_markup_in_a_label_is_escaped() -> None:
    figure = confusion_grid(make_confusion("<b>cat</b> & co"), Side.BASELINE)

    assert tuple(figure.layout.xaxis.ticktext) == ("&lt;b&gt;cat&lt;/b&gt; &amp; co",)
    assert figure.data[1].hovertext[0].startswith("True label &lt;b&gt;cat&lt;/b&gt; &amp; co, predicted")


def test_the_description_has_the_diagonal_count_and_the_most_frequent_mistake() -> None:
    words = describe_confusion(CATS_AND_DOGS, Side.BASELINE)

    assert words == "17 of 20 images are on the diagonal. Most frequent mistake: cat predicted as dog, 3 times."


def test_a_single_mistake_is_described_in_the_singular() -> None:
    assert describe_confusion(CATS_AND_DOGS, Side.CANDIDATE).endswith("dog predicted as cat, once.")


def test_the_description_of_a_version_without_mistakes_names_none() -> None:
    assert describe_confusion(make_confusion("cat", "dog"), Side.BASELINE) == "2 of 2 images are on the diagonal."
