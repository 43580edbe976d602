"""From which score on a version can be left to decide by itself."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lib.domain.pairs import Answer
from lib.stats.intervals import Interval, wilson_interval

_STEPS = 100


@dataclass(frozen=True, slots=True)
class ThresholdPoint:
    """What happens when only top labels from a score of `threshold` on count, on images of known truth.

    `answered` is the share of images that still get a label, `precision` the share of these that is right (None where
    none is left) with its interval, and `recall` the share of all images that get the right label.
    """

    threshold: float
    answered: float
    precision: float | None
    precision_interval: Interval
    recall: float


def sweep(answers: Sequence[Answer], truths: Sequence[str]) -> list[ThresholdPoint]:
    """A point for each threshold from 0.00 to 1.00; none for no answers."""
    if not answers:
        return []
    scores = np.array([answer.score if answer.label is not None else -1.0 for answer in answers])
    right = np.array([answer.label == truth for answer, truth in zip(answers, truths, strict=True)])
    order = np.argsort(scores)
    right_from = np.append(np.cumsum(right[order][::-1])[::-1], 0)
    thresholds = [step / _STEPS for step in range(_STEPS + 1)]
    return [
        _point(threshold, int(right_from[first]), len(answers) - first, len(answers))
        for threshold, first in zip(thresholds, np.searchsorted(scores[order], thresholds).tolist(), strict=True)
    ]


def _point(threshold: float, right: int, answered: int, images: int) -> ThresholdPoint:
    return ThresholdPoint(
        threshold,
        answered / images,
        right / answered if answered else None,
        wilson_interval(right, answered),
        right / images,
    )


def advise(points: Sequence[ThresholdPoint], wanted: float = 0.95) -> ThresholdPoint | None:
    """The lowest threshold from which on precision is surely at least `wanted`: its interval does not go below.

    None where no threshold does. The point was picked after looking at the data: expect a little less of it later.
    """
    return next((point for point in points if point.answered and point.precision_interval.low >= wanted), None)
