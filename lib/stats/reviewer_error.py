"""How often reviewers are wrong, from images that two of them labeled."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

from lib.domain.annotations import TrueLabel
from lib.stats.agreement import find_label_conflicts
from lib.stats.intervals import Interval, wilson_interval

MIN_IMAGES = 20
"""With fewer images the estimate says nothing."""
_MOST_DIFFERENT = 0.5


@dataclass(frozen=True, slots=True)
class ReviewerError:
    """Reviewers differ on `different` of `images` images that at least two labeled: each errs on a share `error`.

    A true difference of two versions is `inflation` times the measured one.
    """

    images: int
    different: int
    error: float
    interval: Interval

    @property
    def inflation(self) -> float:
        """1 / (1 - 2 error); infinite where reviewers are right no more often than wrong."""
        return 1 / (1 - 2 * self.error) if self.error < _MOST_DIFFERENT else float("inf")


def estimate_reviewer_error(labels_by_reviewer: Mapping[str, Mapping[str, TrueLabel]]) -> ReviewerError | None:
    """Return the error of one reviewer; None for fewer than MIN_IMAGES images that two labeled.

    Two independent reviewers, each wrong with probability e, differ with probability 2 e (1 - e), as long as both are
    seldom wrong in the same way.
    """
    reviewed = [sha256 for labels in labels_by_reviewer.values() for sha256 in labels]
    images = sum(reviewed.count(sha256) > 1 for sha256 in set(reviewed))
    if images < MIN_IMAGES:
        return None
    different = len(find_label_conflicts(labels_by_reviewer))
    interval = wilson_interval(different, images)
    low, high = (_solve(share) for share in (interval.low, interval.high))
    return ReviewerError(images, different, _solve(different / images), Interval(low, high))


def _solve(different: float) -> float:
    return (1 - sqrt(1 - 2 * min(different, _MOST_DIFFERENT))) / 2
