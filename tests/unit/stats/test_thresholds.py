"""Curves over the threshold against scikit-learn and by hand."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import precision_score

from lib.domain.pairs import PredictionSummary
from lib.stats.thresholds import ScoredStratum, compute_threshold_points, recommend_threshold
from tests.builders.pairs import make_prediction_summary

SCORED = st.lists(st.tuples(st.sampled_from(["cat", "dog"]), st.floats(0.01, 1)), min_size=1, max_size=50)


def make_stratum(
    predictions: Sequence[PredictionSummary], true_labels: Sequence[str], unlabeled: Sequence[float] = ()
) -> ScoredStratum:
    """A stratum of labeled images, no two alike, and scores of images without a label."""
    scores = [prediction.score if prediction.label is not None else -1.0 for prediction in predictions]
    correct = [prediction.label == label for prediction, label in zip(predictions, true_labels, strict=True)]
    return ScoredStratum(
        np.array([*scores, *unlabeled]), np.array(scores), np.array(correct, int), np.arange(len(scores))
    )


def by_threshold(
    predictions: list[PredictionSummary], true_labels: list[str], threshold: float
) -> tuple[float, float | None, float]:
    point = next(
        point
        for point in compute_threshold_points([make_stratum(predictions, true_labels)])
        if point.threshold == threshold
    )
    return point.coverage, point.precision, point.recall


def test_a_higher_threshold_lowers_coverage_and_raises_precision() -> None:
    predictions = [
        make_prediction_summary("cat", 0.9),
        make_prediction_summary("cat", 0.6),
        make_prediction_summary("dog", 0.55),
        make_prediction_summary("dog", 0.3),
    ]
    true_labels = ["cat"] * 4

    # Of four images: all covered, two correct; from 0.56 on two covered, both correct; from 0.95 on none.
    assert by_threshold(predictions, true_labels, 0.0) == (1.0, 0.5, 0.5)
    assert by_threshold(predictions, true_labels, 0.56) == (0.5, 1.0, 0.5)
    assert by_threshold(predictions, true_labels, 0.95) == (0.0, None, 0.0)


@given(SCORED, st.sampled_from([0.0, 0.25, 0.5, 0.75]))
def test_precision_matches_scikit_learn(scored: list[tuple[str, float]], threshold: float) -> None:
    predictions = [make_prediction_summary(label, score) for label, score in scored]

    _, precision, _ = by_threshold(predictions, ["cat"] * len(predictions), threshold)

    right = [label == "cat" for label, _ in scored]
    taken = [score >= threshold for _, score in scored]
    expected = precision_score(right, taken, zero_division=0.0)
    assert (precision or 0.0) == pytest.approx(expected)


@given(SCORED)
def test_coverage_and_recall_never_grow_with_the_threshold(scored: list[tuple[str, float]]) -> None:
    predictions = [make_prediction_summary(label, score) for label, score in scored]
    points = compute_threshold_points([make_stratum(predictions, ["cat"] * len(scored))])

    assert np.all(np.diff([point.coverage for point in points]) <= 0)
    assert np.all(np.diff([point.recall for point in points]) <= 1e-12)


def test_a_version_that_predicts_no_label_covers_nothing() -> None:
    assert by_threshold([make_prediction_summary(None), make_prediction_summary("cat")], ["cat", "cat"], 0.0) == (
        0.5,
        1.0,
        0.5,
    )


def test_the_recommended_threshold_is_the_lowest_that_reaches_the_target_with_confidence() -> None:
    # 100 correct predictions at 0.8 and 20 wrong ones at 0.4. Clopper and Pearson: 0.025^(1/100) is 0.9638 for 100 of
    # 100; scipy.stats.binomtest(100, 120).proportion_ci().low is 0.7544.
    predictions = [make_prediction_summary("cat", 0.8)] * 100 + [make_prediction_summary("dog", 0.4)] * 20

    advice = recommend_threshold(compute_threshold_points([make_stratum(predictions, ["cat"] * 120)]), target=0.95)

    assert advice is not None
    assert (advice.threshold, advice.precision) == (0.41, 1.0)
    assert advice.coverage == pytest.approx(100 / 120)


def test_the_recommended_threshold_is_rarely_too_low() -> None:
    # Whatever its score, an image is correct with probability 0.895: each threshold for 90% precision is too low.
    random = np.random.default_rng(8)
    samples = [compute_threshold_points([make_flat_stratum(500, 0.895, random)]) for _ in range(400)]

    too_low = [recommend_threshold(points, target=0.9) is not None for points in samples]
    # The former rule: the lowest of all thresholds whose interval reaches the target.
    formerly_too_low = [any(point.precision_interval.low >= 0.9 for point in points) for points in samples]

    # 2.5% with the noise of 400 samples.
    assert np.mean(too_low) <= 0.04
    assert np.mean(formerly_too_low) >= 0.06


def make_flat_stratum(images: int, precision: float, random: np.random.Generator) -> ScoredStratum:
    """A stratum whose scores tell nothing of the correctness."""
    scores = random.random(images)
    return ScoredStratum(scores, scores, (random.random(images) < precision).astype(int), np.arange(images))


def test_a_threshold_that_keeps_too_few_labels_of_one_stratum_does_not_end_the_search() -> None:
    # From 0.9 on, 5 images of the second stratum are labeled, all correct, and stand for a third: no certainty. From
    # 0.5 on, all 200 of both strata are labeled and correct.
    first = make_stratum([make_prediction_summary("cat", 0.95)] * 100, ["cat"] * 100)
    second = [make_prediction_summary("cat", 0.95)] * 5 + [make_prediction_summary("cat", 0.5)] * 95
    points = compute_threshold_points([first, make_stratum(second, ["cat"] * 100, unlabeled=[0.95] * 45)])

    advice = recommend_threshold(points, target=0.95)

    assert advice is not None
    assert advice.threshold == 0.0


def test_nothing_is_recommended_if_no_interval_reaches_the_target() -> None:
    predictions = [make_prediction_summary("cat", 0.8)] * 10

    # 10 of 10: 0.025^(1/10) is 0.69.
    assert recommend_threshold(compute_threshold_points([make_stratum(predictions, ["cat"] * 10)]), target=0.95) is None


def test_oversampled_disagreements_are_weighted_by_their_share() -> None:
    # Of 900 images on which the versions agree, 30 are labeled, all correct; of 100 disagreements all, half correct.
    agreements = make_stratum([make_prediction_summary("cat", 0.9)] * 30, ["cat"] * 30, unlabeled=[0.9] * 870)
    disagreements = make_stratum([make_prediction_summary("cat", 0.9)] * 100, ["cat", "dog"] * 50)

    (point,) = (point for point in compute_threshold_points([agreements, disagreements]) if point.threshold == 0.5)

    # 0.9 * 1 + 0.1 * 0.5, and not 80 of 130.
    assert point.precision == pytest.approx(0.95)
    assert point.coverage == 1.0


def test_an_unlabeled_stratum_leaves_the_precision_unknown() -> None:
    unlabeled = make_stratum([], [], unlabeled=[0.9] * 5)
    labeled = make_stratum([make_prediction_summary("cat", 0.9)] * 5, ["cat"] * 5)

    assert {point.precision for point in compute_threshold_points([unlabeled, labeled])} == {None}


def test_no_predictions_have_no_curve() -> None:
    assert compute_threshold_points([]) == []
