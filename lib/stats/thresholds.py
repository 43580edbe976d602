"""Precision, coverage and recall over the score threshold, and a recommended threshold."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lib.domain.annotations import TrueLabel
from lib.domain.pairs import PredictionSummary
from lib.stats.intervals import Interval, wilson_interval

_STEPS = 100


@dataclass(frozen=True, slots=True)
class ThresholdPoint:
    """Results on labeled images if only top labels with a score of at least `threshold` count.

    `coverage` is the share of images that keep a label, `precision` the share of these that is correct (None if no
    image is left) with its interval, and `recall` the share of all images whose label is correct.
    """

    threshold: float
    coverage: float
    precision: float | None
    precision_interval: Interval
    recall: float


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
    )


def recommend_threshold(points: Sequence[ThresholdPoint], target: float = 0.95) -> ThresholdPoint | None:
    """Return the lowest threshold whose precision interval lies at or above `target`; None if there is none.

    The threshold is picked after looking at the data: expect slightly less precision on new images.
    """
    return next((point for point in points if point.coverage and point.precision_interval.low >= target), None)
