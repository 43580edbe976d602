"""Which parts a score rests on."""

import numpy as np
import pytest

from lib.stats.robustness import compute_score_drops
from tests.builders.values import make_prediction

BEFORE = make_prediction(cat=0.75, dog=0.25)


def test_a_drop_is_the_score_before_minus_the_score_with_the_patch_hidden() -> None:
    hidden = [make_prediction(cat=score, dog=0.1) for score in (0.75, 0.25, 0.875, 0.5)]

    # Row by row from the top left.
    assert compute_score_drops(BEFORE, hidden, "cat").tolist() == [[0.0, 0.5], [-0.125, 0.25]]


def test_any_label_has_its_map() -> None:
    assert compute_score_drops(BEFORE, [make_prediction(cat=0.5, dog=0.5)], "dog").tolist() == [[-0.25]]


def test_a_label_that_is_not_predicted_has_a_score_of_zero() -> None:
    assert compute_score_drops(BEFORE, [make_prediction(owl=1.0)], "cat").tolist() == [[0.75]]
    assert compute_score_drops(BEFORE, [make_prediction(owl=1.0)], "owl").tolist() == [[-1.0]]


def test_a_patch_without_a_prediction_is_unknown() -> None:
    drops = compute_score_drops(BEFORE, [None, BEFORE, None, BEFORE], "cat")

    assert np.isnan(drops).tolist() == [[True, False], [True, False]]


def test_patches_must_make_a_square() -> None:
    with pytest.raises(ValueError, match="3 patches make no square"):
        compute_score_drops(BEFORE, [BEFORE] * 3, "cat")
