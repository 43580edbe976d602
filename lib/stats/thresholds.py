"""Precision, coverage and recall over the score threshold, and a recommended threshold."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, log

import numpy as np

from lib.domain.annotations import TrueLabel
from lib.domain.pairs import PredictionSummary
from lib.stats.intervals import Interval, wilson_interval

_STEPS = 100
_ERROR = 0.025


@dataclass(frozen=True, slots=True)
class ThresholdPoint:
    """Results on labeled images if only top labels with a score of at least `threshold` count.

    `coverage` is the share of images that keep a label, `precision` the share of these that is correct (None if no
    image is left) with its interval, and `recall` the share of all images whose label is correct. `covered` and
    `correct` are the numbers of images behind coverage and precision.
    """

    threshold: float
    coverage: float
    precision: float | None
    precision_interval: Interval
    recall: float
    covered: int = 0
    correct: int = 0


def compute_threshold_points(
    predictions: Sequence[PredictionSummary], true_labels: Sequence[TrueLabel]
) -> list[ThresholdPoint]:
    """Return a point for each threshold from 0.00 to 1.00; an empty list for no predictions."""
    if not predictions:
        return []
    scores = np.array([prediction.score if prediction.label is not None else -1.0 for prediction in predictions])
    correct = np.array(
        [label.accepts(prediction.label) for prediction, label in zip(predictions, true_labels, strict=True)]
    )
    order = np.argsort(scores)
    correct_from = np.append(np.cumsum(correct[order][::-1])[::-1], 0)
    thresholds = [step / _STEPS for step in range(_STEPS + 1)]
    return [
        _make_point(threshold, int(correct_from[first]), len(predictions) - first, len(predictions))
        for threshold, first in zip(thresholds, np.searchsorted(scores[order], thresholds).tolist(), strict=True)
    ]


def _make_point(threshold: float, correct: int, covered: int, images: int) -> ThresholdPoint:
    return ThresholdPoint(
        threshold,
        covered / images,
        correct / covered if covered else None,
        wilson_interval(correct, covered),
        correct / images,
        covered,
        correct,
    )


def recommend_threshold(points: Sequence[ThresholdPoint], target: float = 0.95) -> ThresholdPoint | None:
    """Return the lowest threshold that is sure to reach the `target` precision; None if there is none.

    Thresholds are tested from 1.00 down, and the first that fails ends the search: at most 2.5% of recommendations are
    too low, although the same images choose and test. Thresholds that keep too few images to pass are left out.
    Source: fixed-sequence testing, Angelopoulos et al. (2021), "Learn then test".
    """
    fewest = ceil(log(_ERROR) / log(target))
    recommended = None
    for point in sorted(points, key=lambda point: -point.threshold):
        if point.covered < fewest:
            continue
        if _sure_precision(point) < target:
            break
        recommended = point
    return recommended


def _sure_precision(point: ThresholdPoint) -> float:
    """Return the one-sided 97.5% bound of the precision. Source: Clopper & Pearson (1934), Biometrika 26:404."""
    from scipy.special import betaincinv  # noqa: PLC0415 - SciPy takes longer to load than all of a page

    if not point.correct:
        return 0.0
    return float(betaincinv(point.correct, point.covered - point.correct + 1, _ERROR))
