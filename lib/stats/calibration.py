"""Calibration: is a version right on 80 of 100 images that it scores 0.8?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lib.domain.annotations import TrueLabel
from lib.domain.pairs import PredictionSummary
from lib.stats.intervals import SEED, Interval, Weighting, weighted_share

MIN_IMAGES = 100
"""With fewer labeled images every model looks badly calibrated."""
_BINS = 10
_SIMULATIONS = 200


@dataclass(frozen=True, slots=True)
class Bin:
    """Predictions of similar top scores: their number, mean score, and the share that is correct with its interval."""

    count: int
    score: float
    accuracy: float
    interval: Interval


@dataclass(frozen=True, slots=True)
class Calibration:
    """Distance of top scores from the accuracy that they promise.

    `error` is the expected calibration error, 0 to 1: the mean distance over bins of equal mass. `perfect_error` is
    that of a perfectly calibrated version with these scores on as many images. `brier` is the Brier score over all
    labels, 0 (perfect) to `worst_brier`, which is 2 for a distribution over labels and more for multi-label models.
    """

    bins: tuple[Bin, ...]
    error: float
    perfect_error: float
    brier: float
    worst_brier: float


def compute_calibration(
    predictions: Sequence[PredictionSummary], true_labels: Sequence[TrueLabel], weighting: Weighting | None = None
) -> Calibration | None:
    """Return the calibration of a version on labeled images; None for fewer than MIN_IMAGES.

    By default, each image stands for itself alone. The predictions, sorted by top score, are split
    into ten bins whose sizes differ by at most one.
    Source: Nixon et al. (2019), "Measuring calibration in deep learning", for bins of equal mass; Brier (1950), Mon.
    Weather Rev. 78:1.
    """
    if len(predictions) < MIN_IMAGES:
        return None
    scores = np.array([prediction.score for prediction in predictions])
    correct = np.array(
        [label.accepts(prediction.label) for prediction, label in zip(predictions, true_labels, strict=True)]
    )
    weighting = weighting or Weighting.equal(len(scores))
    order = np.argsort(scores, kind="stable")
    ordered = weighting[order]
    return Calibration(
        tuple(_make_bin(scores[rows], correct[rows], weighting[rows]) for rows in np.array_split(order, _BINS)),
        float(_calibration_errors(scores[order], ordered.weights, correct[order][np.newaxis].astype(float))[0]),
        _find_perfect_error(scores[order], ordered),
        float(np.average(_brier_scores(predictions, true_labels), weights=weighting.weights)),
        _find_worst_brier(predictions),
    )


def _make_bin(scores: np.ndarray, correct: np.ndarray, weighting: Weighting) -> Bin:
    share = weighted_share(correct, weighting)
    if share is None:
        raise ValueError("a bin needs at least one image")
    return Bin(len(correct), float(np.average(scores, weights=weighting.weights)), share.value, share.interval)


def _calibration_errors(scores: np.ndarray, weights: np.ndarray, correct: np.ndarray) -> np.ndarray:
    """Return the error of each row of outcomes: shape (rows, images), in the order of the sorted scores."""
    columns = np.array_split(np.arange(len(scores)), _BINS)
    distances = [np.abs((correct[:, rows] - scores[rows]) @ weights[rows]) for rows in columns]
    errors: np.ndarray = np.sum(distances, axis=0) / weights.sum()
    return errors


def _find_perfect_error(scores: np.ndarray, weighting: Weighting) -> float:
    """Return the mean error if each image were correct with the probability that its score states.

    Near-duplicates are right or wrong together.
    """
    _, groups = np.unique(weighting.groups, return_inverse=True)
    drawn = np.random.default_rng(SEED).random((_SIMULATIONS, groups.max() + 1))
    correct = (drawn[:, groups] < scores).astype(float)
    return float(np.mean(_calibration_errors(scores, weighting.weights, correct)))


def _find_worst_brier(predictions: Sequence[PredictionSummary]) -> float:
    # With the true label at a score of 0: the squares of all scores, and 1 for the true label.
    return max(2.0, 1 + max(prediction.squares for prediction in predictions))


def _brier_scores(predictions: Sequence[PredictionSummary], true_labels: Sequence[TrueLabel]) -> list[float]:
    # The sum of (score - target)² over all labels, where the target is 1 for the true label and 0 for all others. If
    # several labels are acceptable, it is 1 for the one with the highest score; if none applies, 0 for all.
    return [
        prediction.squares + ((1 - 2 * (prediction.true_label_score or 0.0)) if label.labels else 0)
        for prediction, label in zip(predictions, true_labels, strict=True)
    ]
