"""Calibration against scikit-learn and by hand."""

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss

from lib.domain.annotations import TrueLabel
from lib.domain.pairs import PredictionSummary
from lib.stats.calibration import compute_calibration
from lib.stats.intervals import Weighting

LABELS = ("cat", "dog", "owl")


def make_scored(count: int, seed: int = 5) -> tuple[list[PredictionSummary], list[str], np.ndarray]:
    """Answers with random scores of three labels, what the images show, and the scores, one row an image."""
    chance = np.random.default_rng(seed)
    scores = chance.dirichlet((2, 1, 1), count)
    true_labels = [LABELS[chance.choice(3, p=row)] for row in scores]
    predictions = [
        PredictionSummary(
            LABELS[int(row.argmax())],
            float(row.max()),
            0.1,
            float(row[LABELS.index(true_label)]),
            float(row @ row),
            1.0,
        )
        for row, true_label in zip(scores, true_labels, strict=True)
    ]
    return predictions, true_labels, scores


def test_the_brier_score_matches_scikit_learn() -> None:
    predictions, true_labels, scores = make_scored(200)

    found = compute_calibration(predictions, [TrueLabel.one(label) for label in true_labels])

    assert found is not None
    assert found.brier == pytest.approx(brier_score_loss(true_labels, scores, labels=list(LABELS), scale_by_half=False))


def test_the_bins_match_the_quantile_bins_of_scikit_learn() -> None:
    predictions, true_labels, _ = make_scored(500)

    found = compute_calibration(predictions, [TrueLabel.one(label) for label in true_labels])

    accuracy = [prediction.label == true_label for prediction, true_label in zip(predictions, true_labels, strict=True)]
    shares, means = calibration_curve(
        accuracy, [prediction.score for prediction in predictions], n_bins=10, strategy="quantile"
    )
    assert found is not None
    assert [bin_.score for bin_ in found.bins] == pytest.approx(means.tolist())
    assert [bin_.accuracy for bin_ in found.bins] == pytest.approx(shares.tolist())
    # The expected calibration error by its definition, over what scikit-learn gives.
    assert found.error == pytest.approx(np.mean(np.abs(shares - means)))


def test_the_bins_contain_every_image_and_differ_in_size_by_at_most_one() -> None:
    predictions, true_labels, _ = make_scored(137)

    found = compute_calibration(predictions, [TrueLabel.one(label) for label in true_labels])

    assert found is not None
    assert sorted(bin_.count for bin_ in found.bins) == [13] * 3 + [14] * 7


@pytest.mark.parametrize("images", [100, 500])
def test_a_calibrated_version_has_the_expected_sampling_error(images: int) -> None:
    found = [
        compute_calibration(predictions, [TrueLabel.one(label) for label in true_labels])
        for predictions, true_labels, _ in (make_scored(images, seed) for seed in range(60))
    ]
    calibrations = [calibration for calibration in found if calibration is not None]

    shown = np.mean([calibration.error for calibration in calibrations])
    expected = np.mean([calibration.perfect_error for calibration in calibrations])

    assert expected > 0.04
    assert shown == pytest.approx(expected, rel=0.06)


def test_the_worst_brier_score_of_a_multi_label_model_is_above_two() -> None:
    confident = PredictionSummary("dog", 1.0, 0.1, 0.0, squares=17.0, total=17.0)

    found = compute_calibration([confident] * 100, [TrueLabel.one("cat")] * 100)

    assert found is not None
    assert (found.brier, found.worst_brier) == (18.0, 18.0)


def test_fewer_than_a_hundred_images_have_no_calibration() -> None:
    predictions, true_labels, _ = make_scored(99)

    assert compute_calibration(predictions, [TrueLabel.one(label) for label in true_labels]) is None


def test_a_version_that_is_always_confident_and_correct_is_perfect() -> None:
    found = compute_calibration(
        [PredictionSummary("cat", 1.0, 0.1, 1.0, 1.0, 1.0)] * 100, [TrueLabel.one(label) for label in ["cat"] * 100]
    )

    assert found is not None
    assert (found.error, found.brier) == (0.0, 0.0)


def test_near_duplicates_in_a_bin_widen_its_interval() -> None:
    # 100 images in 20 bursts of 5, one half of the bursts correct. A bin of 10 images has 2 bursts: Wilson's interval
    # of 1 of 2 is 0.0945 to 0.9055; statsmodels.stats.proportion.proportion_confint(1, 2, method="wilson").
    predictions = [PredictionSummary("cat", (burst // 2 + 1) / 11, 0.1, 0.0, 1.0, 1.0) for burst in range(20)]
    bursts = np.repeat(np.arange(20), 5)
    true_labels = [TrueLabel.one(("cat", "dog")[burst % 2]) for burst in bursts]

    found = compute_calibration([predictions[burst] for burst in bursts], true_labels, Weighting(np.ones(100), bursts))
    single = compute_calibration([predictions[burst] for burst in bursts], true_labels)

    assert found is not None
    assert single is not None
    assert {(round(bin_.interval.low, 4), round(bin_.interval.high, 4)) for bin_ in found.bins} == {(0.0945, 0.9055)}
    # Few independent images: even a perfect version would show a larger error.
    assert found.perfect_error > 1.5 * single.perfect_error


def test_a_version_that_is_always_confident_and_wrong_is_the_worst() -> None:
    found = compute_calibration(
        [PredictionSummary("dog", 1.0, 0.1, 0.0, 1.0, 1.0)] * 100, [TrueLabel.one(label) for label in ["cat"] * 100]
    )

    assert found is not None
    assert (found.error, found.brier) == (1.0, 2.0)
