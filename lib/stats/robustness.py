"""Robustness of predictions under small changes of the image, and saliency by hiding patches."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lib.domain.predictions import Prediction
from lib.stats.intervals import Interval, mean_interval, ratio_interval, wilson_interval

MIN_IMAGES = 10
"""With fewer images, no interval covers what it promises."""

Change = tuple[Prediction, Prediction]
"""A version's predictions of an image before and after a perturbation."""


@dataclass(frozen=True, slots=True)
class Robustness:
    """How many of `images` perturbed images changed their top label (`flips`).

    `drop` is the mean decrease in the score of the original top label: 0.1 is a decrease from 0.9 to 0.8. It is
    negative if scores rose.
    """

    images: int
    flips: int
    drop: float

    @property
    def share(self) -> float:
        """Share of flipped images, 0 to 1."""
        return self.flips / self.images

    @property
    def interval(self) -> Interval:
        """Wilson's interval of the share, for images that were perturbed once each."""
        return wilson_interval(self.flips, self.images)


def measure_robustness(changes: Sequence[Change], threshold: float) -> Robustness | None:
    """Return the robustness of a version; None for no predictions.

    A top label with a score below `threshold` counts as no label, which is an outcome of its own.
    """
    if not changes:
        return None
    flips = sum(find_top_label(before, threshold) != find_top_label(after, threshold) for before, after in changes)
    return Robustness(len(changes), flips, float(np.mean([_compute_drop(before, after) for before, after in changes])))


def combine_images(by_image: Sequence[Robustness]) -> tuple[Robustness, Interval | None]:
    """Combine images that were perturbed several times each. Returns the total and the interval of its share.

    The interval is bootstrapped over images; if no image flips, or all always do, it is Wilson's over the images. None
    for fewer than MIN_IMAGES. Raises ValueError for no image.
    """
    flips = [robustness.flips for robustness in by_image]
    perturbed = [robustness.images for robustness in by_image]
    drop = float(np.average([robustness.drop for robustness in by_image], weights=perturbed))
    total = Robustness(sum(perturbed), sum(flips), drop)
    if len(by_image) < MIN_IMAGES:
        return total, None
    if 0 < total.flips < total.images:
        return total, ratio_interval(flips, perturbed)
    return total, wilson_interval(len(by_image) if total.flips else 0, len(by_image))


@dataclass(frozen=True, slots=True)
class RobustnessChange:
    """The share of flipped images of the candidate minus that of the baseline, -1 to 1, over the same images.

    `interval` is its 95% interval over images; None for fewer than MIN_IMAGES.
    """

    difference: float
    interval: Interval | None


def compare_robustness(by_image: Sequence[tuple[Robustness, Robustness]]) -> RobustnessChange:
    """Compare baseline and candidate image by image. Raises ValueError for no image."""
    if not by_image:
        raise ValueError("a comparison needs at least one image")
    differences = np.array([candidate.share - baseline.share for baseline, candidate in by_image])
    interval = mean_interval(differences) if len(differences) >= MIN_IMAGES else None
    return RobustnessChange(float(np.mean(differences)), interval)


def find_top_label(prediction: Prediction, threshold: float) -> str | None:
    """Return the top label, or None if its score is below the threshold."""
    top = prediction.top
    return top.label if top and top.value >= threshold else None


def _compute_drop(before: Prediction, after: Prediction) -> float:
    # A label that is no longer predicted counts as a score of 0: providers leave out the lowest scores.
    return before.top.value - (after.score_of(before.top.label) or 0.0) if before.top else 0.0


def compute_score_drops(before: Prediction, hidden: Sequence[Prediction | None], label: str) -> NDArray[np.float64]:
    """Return the decrease in the label's score when each patch is hidden: shape (grid, grid), NaN where unknown.

    `hidden` are the predictions with one patch hidden each, row by row from the top left; None for missing ones.
    Raises ValueError if their number is not a square.
    """
    grid = round(len(hidden) ** 0.5)
    if grid * grid != len(hidden):
        raise ValueError(f"{len(hidden)} patches make no square")
    original = before.score_of(label) or 0.0
    drops = [np.nan if after is None else original - (after.score_of(label) or 0.0) for after in hidden]
    return np.array(drops, float).reshape(grid, grid)
