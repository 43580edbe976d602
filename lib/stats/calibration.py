"""Whether a score of 0.8 means right in 80 of 100 cases."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lib.domain.pairs import Answer
from lib.stats.intervals import Interval, wilson_interval

ENOUGH_IMAGES = 100
"""With fewer labeled images every model looks badly calibrated."""
_BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers of similar top scores: how many, their mean score, and the share of them that is right."""

    count: int
    score: float
    right: float
    interval: Interval


@dataclass(frozen=True, slots=True)
class Calibration:
    """How far top scores are from the share that is right.

    `error` is the expected calibration error, 0 to 1: the mean distance over bins of equal mass. `brier` is the Brier
    score over all labels, 0 (perfect) to 2.
    """

    bins: tuple[Bin, ...]
    error: float
    brier: float


def calibrate(answers: Sequence[Answer], truths: Sequence[str]) -> Calibration | None:
    """Calibration of a version's answers on images of known truth; None for fewer than ENOUGH_IMAGES of them.

    The answers, sorted by top score, are cut into ten bins that differ by at most one in size.
    Source: Nixon et al. (2019), "Measuring calibration in deep learning", for bins of equal mass; Brier (1950), Mon.
    Weather Rev. 78:1.
    """
    if len(answers) < ENOUGH_IMAGES:
        return None
    scores = np.array([answer.score for answer in answers])
    right = np.array([answer.label == truth for answer, truth in zip(answers, truths, strict=True)])
    order = np.argsort(scores, kind="stable")
    bins = tuple(_bin(scores[places], right[places]) for places in np.array_split(order, _BINS))
    error = sum(bin_.count * abs(bin_.score - bin_.right) for bin_ in bins) / len(answers)
    return Calibration(bins, error, _brier_score(answers))


def _bin(scores: np.ndarray, right: np.ndarray) -> Bin:
    count, successes = len(right), int(right.sum())
    return Bin(count, float(scores.mean()), successes / count, wilson_interval(successes, count))


def _brier_score(answers: Sequence[Answer]) -> float:
    # The sum of (score - truth)² over all labels, where the truth is 1 for one label and 0 for all others.
    return float(np.mean([answer.squares - 2 * (answer.true_label_score or 0.0) + 1 for answer in answers]))
