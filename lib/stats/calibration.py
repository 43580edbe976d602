"""Calibration: is a version right on 80 of 100 images that it scores 0.8?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lib.domain.annotations import TrueLabel
from lib.domain.pairs import PredictionSummary
from lib.stats.intervals import SEED, Interval, weighted_share

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
    predictions: Sequence[PredictionSummary], true_labels: Sequence[TrueLabel], weights: Sequence[float] | None = None
) -> Calibration | None:
    """Return the calibration of a version on labeled images; None for fewer than MIN_IMAGES.

    Each image stands for as many as its weight, by default for itself. The predictions, sorted by top score, are split
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
    weight = np.ones(len(scores)) if weights is None else np.asarray(weights, float)
    order = np.argsort(scores, kind="stable")
    sorted_scores, sorted_weights = scores[order], weight[order]
    return Calibration(
        tuple(_make_bin(scores[rows], correct[rows], weight[rows]) for rows in np.array_split(order, _BINS)),
        float(_calibration_errors(sorted_scores, sorted_weights, correct[order][np.newaxis].astype(float))[0]),
        _find_perfect_error(sorted_scores, sorted_weights),
        float(np.average(_brier_scores(predictions, true_labels), weights=weight)),
        _find_worst_brier(predictions),
    )


def _make_bin(scores: np.ndarray, correct: np.ndarray, weights: np.ndarray) -> Bin:
    share = weighted_share(correct, weights)
    if share is None:
        raise ValueError("a bin needs at least one image")
    return Bin(len(correct), float(np.average(scores, weights=weights)), share.value, share.interval)


def _calibration_errors(scores: np.ndarray, weights: np.ndarray, correct: np.ndarray) -> np.ndarray:
    """Return the error of each row of outcomes: shape (rows, images), in the order of the sorted scores."""
    columns = np.array_split(np.arange(len(scores)), _BINS)
    distances = [np.abs((correct[:, rows] - scores[rows]) @ weights[rows]) for rows in columns]
    errors: np.ndarray = np.sum(distances, axis=0) / weights.sum()
    return errors


def _find_perfect_error(scores: np.ndarray, weights: np.ndarray) -> float:
    """Return the mean error if each image were correct with the probability that its score states."""
    random = np.random.default_rng(SEED)
    correct = random.random((_SIMULATIONS, len(scores))) < scores
    return float(np.mean(_calibration_errors(scores, weights, correct.astype(float))))


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
