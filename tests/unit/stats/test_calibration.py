"""Calibration against scikit-learn and by hand."""

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss

from lib.domain.pairs import Answer
from lib.stats.calibration import calibrate

LABELS = ("cat", "dog", "owl")


def make_scored(count: int, seed: int = 5) -> tuple[list[Answer], list[str], np.ndarray]:
    """Answers with random scores of three labels, what the images show, and the scores, one row an image."""
    chance = np.random.default_rng(seed)
    scores = chance.dirichlet((2, 1, 1), count)
    truths = [LABELS[chance.choice(3, p=row)] for row in scores]
    answers = [
        Answer(LABELS[int(row.argmax())], float(row.max()), 0.1, float(row[LABELS.index(truth)]), float(row @ row), 1.0)
        for row, truth in zip(scores, truths, strict=True)
    ]
    return answers, truths, scores


def test_the_brier_score_is_what_scikit_learn_gives() -> None:
    answers, truths, scores = make_scored(200)

    found = calibrate(answers, truths)

    assert found is not None
    assert found.brier == pytest.approx(brier_score_loss(truths, scores, labels=list(LABELS), scale_by_half=False))


def test_the_bins_are_those_of_scikit_learn_with_equal_mass() -> None:
    answers, truths, _ = make_scored(500)

    found = calibrate(answers, truths)

    right = [answer.label == truth for answer, truth in zip(answers, truths, strict=True)]
    shares, means = calibration_curve(right, [answer.score for answer in answers], n_bins=10, strategy="quantile")
    assert found is not None
    assert [bin_.score for bin_ in found.bins] == pytest.approx(means.tolist())
    assert [bin_.right for bin_ in found.bins] == pytest.approx(shares.tolist())
    # The expected calibration error by its definition, over what scikit-learn gives.
    assert found.error == pytest.approx(np.mean(np.abs(shares - means)))


def test_the_bins_hold_every_image_and_differ_by_at_most_one() -> None:
    answers, truths, _ = make_scored(137)

    found = calibrate(answers, truths)

    assert found is not None
    assert sorted(bin_.count for bin_ in found.bins) == [13] * 3 + [14] * 7


def test_nothing_is_said_of_fewer_than_a_hundred_images() -> None:
    answers, truths, _ = make_scored(99)

    assert calibrate(answers, truths) is None


def test_a_version_that_is_always_sure_and_right_is_perfect() -> None:
    found = calibrate([Answer("cat", 1.0, 0.1, 1.0, 1.0, 1.0)] * 100, ["cat"] * 100)

    assert found is not None
    assert (found.error, found.brier) == (0.0, 0.0)


def test_a_version_that_is_always_sure_and_wrong_is_the_worst() -> None:
    found = calibrate([Answer("dog", 1.0, 0.1, 0.0, 1.0, 1.0)] * 100, ["cat"] * 100)

    assert found is not None
    assert (found.error, found.brier) == (1.0, 2.0)
