"""Robustness predictions are when the images change a little."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lib.domain.predictions import Prediction
from lib.stats.intervals import Interval, ratio_interval, wilson_interval

Change = tuple[Prediction, Prediction]
"""A version's answers about an image before and after it was altered."""


@dataclass(frozen=True, slots=True)
class Robustness:
    """Of `images` altered images, `flips` got another top label than before.

    `drop` is by how much the score of the label that was on top before fell, on average: 0.1 is ten points of a
    hundred; less than 0 where it rose.
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
        """Wilson's interval of the share, for images that were altered once each."""
        return wilson_interval(self.flips, self.images)


def measure_robustness(changes: Sequence[Change], threshold: float) -> Robustness | None:
    """Robustness the answers are; None for no answers. Labels count from a score of `threshold` on: no label is an
    outcome of its own.
    """
    if not changes:
        return None
    flips = sum(top_label(before, threshold) != top_label(after, threshold) for before, after in changes)
    return Robustness(len(changes), flips, float(np.mean([_drop(before, after) for before, after in changes])))


def sum_up(by_image: Sequence[Robustness]) -> tuple[Robustness, Interval | None]:
    """All images together, each of which was altered several times; with the interval of the share, drawn by image.

    Where no image flips, or all always do, it is Wilson's interval over the images; one image has no interval.
    Raises ValueError for no image.
    """
    flips, altered = [each.flips for each in by_image], [each.images for each in by_image]
    drop = float(np.average([each.drop for each in by_image], weights=altered))
    together = Robustness(sum(altered), sum(flips), drop)
    if len(by_image) == 1:
        return together, None
    if 0 < together.flips < together.images:
        return together, ratio_interval(flips, altered)
    return together, wilson_interval(len(by_image) if together.flips else 0, len(by_image))


def top_label(prediction: Prediction, threshold: float) -> str | None:
    """The best label, if its score reaches the threshold."""
    top = prediction.top
    return top.label if top and top.value >= threshold else None


def _drop(before: Prediction, after: Prediction) -> float:
    # A label that is not named any more counts as a score of 0: services leave the least ones out.
    return before.top.value - (after.score_of(before.top.label) or 0.0) if before.top else 0.0


def find_drops(before: Prediction, hidden: Sequence[Prediction | None], label: str) -> NDArray[np.float64]:
    """By how much the label's score falls when each patch is hidden; shape (grid, grid), not a number where unknown.

    `hidden` are the answers with one patch hidden each, row by row from the top left; None for those not there yet.
    Raises ValueError where they make no square.
    """
    grid = round(len(hidden) ** 0.5)
    if grid * grid != len(hidden):
        raise ValueError(f"{len(hidden)} patches make no square")
    known = before.score_of(label) or 0.0
    drops = [np.nan if after is None else known - (after.score_of(label) or 0.0) for after in hidden]
    return np.array(drops, float).reshape(grid, grid)
