"""The map of what a score rests on."""

import numpy as np
import pytest

from lib.charts.image_figures import describe_drops, occlusion_map

NAN = float("nan")


def test_each_patch_lies_over_its_part_of_the_picture_with_the_change_of_score_in_it() -> None:
    (heat,) = occlusion_map("/picture", (400, 200), np.array([[0.5, -0.25], [0.0, NAN]])).data

    assert (list(heat.x), list(heat.y)) == ([100.0, 300.0], [50.0, 150.0])
    assert heat.text[0][0] == "\N{MINUS SIGN}0.50"
    assert (heat.text[0][1], heat.text[1][0], heat.text[1][1]) == ("+0.25", "0", "")


def test_colors_go_as_far_to_both_sides_and_small_changes_stay_pale() -> None:
    (strong,) = occlusion_map("/picture", (400, 200), np.array([[0.5, -0.25]])).data
    (weak,) = occlusion_map("/picture", (400, 200), np.array([[0.01]])).data

    assert (strong.zmin, strong.zmax) == (-0.5, 0.5)
    assert (weak.zmin, weak.zmax) == (-0.2, 0.2)


def test_the_picture_itself_lies_below() -> None:
    (picture,) = occlusion_map("/picture", (400, 200), np.array([[0.5]])).layout.images

    assert (picture.source, picture.sizex, picture.sizey, picture.layer) == ("/picture", 400, 200, "below")


@pytest.mark.parametrize(
    ("drops", "description"),
    [
        (np.full((2, 2), NAN), "No results yet."),
        (np.array([[0.0, -0.5]] * 2), "No hidden patch lowers the score of cat."),
        (
            np.array([[0.1, 0.0, NAN]] * 2 + [[0.0, 0.0, 0.25]]),
            "Hiding row 3, column 3 of 3 × 3 (bottom right) lowers the score of cat most: by 0.25.",
        ),
    ],
)
def test_the_map_is_described_for_screen_readers(drops: np.ndarray, description: str) -> None:
    assert describe_drops(drops, "cat") == description
