"""Precision, coverage and recall over the score threshold, and a recommended threshold."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from lib.stats.intervals import Interval, exact_interval
from lib.stats.strata import Stratum, estimate_proportion

_STEPS = 100


@dataclass(frozen=True, slots=True)
class ScoredStratum:
    """Images that are labeled to the same share, with top scores of one version.

    `scores` are those of all images, `labeled_scores` those of the labeled ones, with whether the label is `correct`
    and the `groups` of near-duplicates. An image without a label has a score below 0.
    """

    scores: np.ndarray
    labeled_scores: np.ndarray
    correct: np.ndarray
    groups: np.ndarray


@dataclass(frozen=True, slots=True)
class ThresholdPoint:
    """Results if only top labels with a score of at least `threshold` count.

    `coverage` is the share of images that keep a label, `precision` the share of these that is correct (None if it is
    not known) with its 95% interval, and `recall` the share of all images whose label is correct. `sure_precision` is a
    one-sided 97.5% bound, and `best_precision` what that bound would be if every labeled image were correct.
    """

    threshold: float
    coverage: float
    precision: float | None
    precision_interval: Interval
    recall: float
    sure_precision: float = 0.0
    best_precision: float = 0.0


def compute_threshold_points(strata: Sequence[ScoredStratum]) -> list[ThresholdPoint]:
    """Return a point for each threshold from 0.00 to 1.00; an empty list for no images."""
    images = sum(len(stratum.scores) for stratum in strata)
    if not images:
        return []
    thresholds = [step / _STEPS for step in range(_STEPS + 1)]
    counted = [_count(stratum, thresholds) for stratum in strata]
    return [
        _make_point(threshold, [strata[step] for strata in counted], images)
        for step, threshold in enumerate(thresholds)
    ]


def _count(stratum: ScoredStratum, thresholds: Sequence[float]) -> list[Stratum]:
    """Return what each threshold keeps of a stratum."""
    order = np.argsort(-stratum.labeled_scores, kind="stable")
    _, first_of_group = np.unique(stratum.groups[order], return_index=True)
    is_first = np.zeros(len(order), int)
    is_first[first_of_group] = 1
    correct, independent = (np.append(0, np.cumsum(kept)) for kept in (stratum.correct[order], is_first))
    all_scores, labeled_scores = np.sort(stratum.scores), np.sort(stratum.labeled_scores)
    images = len(all_scores) - np.searchsorted(all_scores, thresholds)
    labeled = len(labeled_scores) - np.searchsorted(labeled_scores, thresholds)
    return [
        Stratum(size, count, int(correct[count]), int(independent[count]))
        for size, count in zip(images.tolist(), labeled.tolist(), strict=True)
    ]


def _make_point(threshold: float, strata: Sequence[Stratum], images: int) -> ThresholdPoint:
    kept = sum(stratum.images for stratum in strata)
    perfect = [replace(stratum, successes=stratum.labeled) for stratum in strata]
    found = estimate_proportion(strata)
    sure, best = (estimate_proportion(counted, interval_of=exact_interval) for counted in (strata, perfect))
    if found is None or sure is None or best is None:
        return ThresholdPoint(threshold, kept / images, None, Interval(0.0, 1.0), 0.0)
    return ThresholdPoint(
        threshold,
        kept / images,
        found.value,
        found.interval,
        found.value * kept / images,
        sure.interval.low,
        best.interval.low,
    )


def recommend_threshold(points: Sequence[ThresholdPoint], target: float = 0.95) -> ThresholdPoint | None:
    """Return the lowest threshold that is sure to reach the `target` precision; None if there is none.

    Thresholds are tested from 1.00 down, and the first that fails ends the search: at most 2.5% of recommendations are
    too low, although the same images choose and test. Thresholds that keep too few labels to pass, whatever these
    are, are left out.
    Source: fixed-sequence testing, Angelopoulos et al. (2021), "Learn then test".
    """
    recommended = None
    for point in sorted(points, key=lambda point: -point.threshold):
        if point.best_precision < target:
            continue
        if point.sure_precision < target:
            break
        recommended = point
    return recommended
