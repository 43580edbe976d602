"""Robustness and saliency of predictions, with numbers worked out by hand."""

import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint

from lib.domain.predictions import Prediction
from lib.stats.intervals import Interval
from lib.stats.robustness import Robustness, combine_images, compare_robustness, compute_score_drops, measure_robustness
from tests.builders.values import make_prediction

BEFORE = make_prediction(cat=0.8, dog=0.2)
STAYS = make_prediction(cat=0.6, dog=0.4)
FLIPS = make_prediction(cat=0.3, dog=0.7)


def test_flips_are_counted_and_the_drop_is_that_of_the_original_top_label() -> None:
    found = measure_robustness([(BEFORE, STAYS), (BEFORE, FLIPS)], threshold=0.0)

    # (0.8 - 0.6 + 0.8 - 0.3) / 2
    assert found is not None
    assert (found.images, found.flips) == (2, 1)
    assert found.drop == pytest.approx(0.35)


def test_falling_below_the_threshold_is_a_flip() -> None:
    found = measure_robustness([(BEFORE, STAYS), (STAYS, STAYS)], threshold=0.7)

    assert found is not None
    assert found.flips == 1


def test_a_label_that_is_no_longer_predicted_has_lost_its_score() -> None:
    found = measure_robustness([(BEFORE, make_prediction(owl=1.0))], threshold=0.0)

    assert found is not None
    assert (found.flips, found.drop) == (1, 0.8)


def test_no_label_before_and_after_is_not_a_flip() -> None:
    nothing = Prediction((), ())

    assert measure_robustness([(nothing, nothing)], threshold=0.0) == Robustness(1, 0, 0.0)


def test_no_predictions_measure_nothing() -> None:
    assert measure_robustness([], threshold=0.0) is None


def test_the_share_of_flips_has_a_wilson_interval() -> None:
    low, high = proportion_confint(3, 10, method="wilson")

    each = Robustness(10, 3, 0.0)

    assert each.share == 0.3
    assert (each.interval.low, each.interval.high) == pytest.approx((low, high))


def test_images_are_weighted_by_how_often_each_was_perturbed() -> None:
    together, _ = combine_images([Robustness(10, 5, 0.2), Robustness(5, 0, -0.1)])

    # (10 * 0.2 - 5 * 0.1) / 15
    assert (together.images, together.flips) == (15, 5)
    assert together.drop == pytest.approx(0.1)


def test_perturbations_of_one_image_do_not_count_as_independent() -> None:
    # Half of the images always flip, half never: 100 predictions carry no more evidence than the 10 images.
    _, interval = combine_images([Robustness(10, 10, 0.1)] * 5 + [Robustness(10, 0, 0.0)] * 5)

    # Drawing 10 images of which half flip: the share is binomial, and its 2.5 and 97.5 percentiles are 0.2 and 0.8.
    assert interval == Interval(0.2, 0.8)


@pytest.mark.parametrize(("flips", "successes"), [(0, 0), (4, 12)])
def test_shares_of_0_and_1_have_a_wilson_interval_over_images(flips: int, successes: int) -> None:
    low, high = proportion_confint(successes, 12, method="wilson")

    _, interval = combine_images([Robustness(4, flips, 0.0)] * 12)

    assert interval is not None
    assert (interval.low, interval.high) == pytest.approx((low, high))


@pytest.mark.parametrize("images", [1, 9])
def test_fewer_than_ten_images_have_no_interval(images: int) -> None:
    mixed = [Robustness(11, place % 3, 0.1) for place in range(images)]

    assert combine_images(mixed)[1] is None
    assert compare_robustness([(each, each) for each in mixed]).interval is None


def test_versions_are_compared_image_by_image() -> None:
    # The candidate flips one of ten more often on every image, however often the images flip.
    by_image = [(Robustness(10, flips, 0.0), Robustness(10, flips + 1, 0.0)) for flips in range(10)]

    change = compare_robustness(by_image)

    assert change.difference == pytest.approx(0.1)
    # With 1 and -1 beside ten times 0.1: mean 1/12, standard deviation 0.4282 (statistics.stdev), and
    # scipy.stats.t.ppf(0.975, 11) = 2.2010 times 0.4282 / sqrt(12) = 0.2721.
    assert change.interval is not None
    assert (change.interval.low, change.interval.high) == pytest.approx((-0.1888, 0.3554), abs=1e-3)


def test_images_that_all_tell_the_same_do_not_prove_it() -> None:
    change = compare_robustness([(Robustness(10, 2, 0.0), Robustness(10, 2, 0.0))] * 10)

    # Three in ten others may still differ: the exact bound for none of 10 is 1 - 0.025^(1/10) = 0.31.
    assert change.interval is not None
    assert change.interval.high == pytest.approx(0.31, abs=0.05)
    assert change.interval.low == -change.interval.high


@pytest.mark.parametrize("images", [10, 20])
def test_the_interval_of_the_change_covers_what_it_promises_for_few_images(images: int) -> None:
    # One image in five flips under the candidate alone, one in ten under the baseline alone: 10 points.
    random = np.random.default_rng(6)
    none, always = Robustness(10, 0, 0.0), Robustness(10, 10, 0.0)
    covered = []
    for _ in range(400):
        kinds = random.choice(3, images, p=[0.7, 0.2, 0.1])
        interval = compare_robustness([((none, none), (none, always), (always, none))[kind] for kind in kinds]).interval
        covered.append(interval is not None and interval.contains(0.1))

    assert np.mean(covered) >= 0.95


def test_no_images_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="at least one image"):
        compare_robustness([])


UNHIDDEN = make_prediction(cat=0.75, dog=0.25)


def test_a_drop_is_the_score_before_minus_the_score_with_the_patch_hidden() -> None:
    hidden = [make_prediction(cat=score, dog=0.1) for score in (0.75, 0.25, 0.875, 0.5)]

    # Row by row from the top left.
    assert compute_score_drops(UNHIDDEN, hidden, "cat").tolist() == [[0.0, 0.5], [-0.125, 0.25]]


def test_any_label_has_its_map() -> None:
    assert compute_score_drops(UNHIDDEN, [make_prediction(cat=0.5, dog=0.5)], "dog").tolist() == [[-0.25]]


def test_a_label_that_is_not_predicted_has_a_score_of_zero() -> None:
    assert compute_score_drops(UNHIDDEN, [make_prediction(owl=1.0)], "cat").tolist() == [[0.75]]
    assert compute_score_drops(UNHIDDEN, [make_prediction(owl=1.0)], "owl").tolist() == [[-1.0]]


def test_a_patch_without_a_prediction_is_unknown() -> None:
    drops = compute_score_drops(UNHIDDEN, [None, UNHIDDEN, None, UNHIDDEN], "cat")

    assert np.isnan(drops).tolist() == [[True, False], [True, False]]


def test_patches_must_form_a_square() -> None:
    with pytest.raises(ValueError, match="3 patches make no square"):
        compute_score_drops(UNHIDDEN, [UNHIDDEN] * 3, "cat")
