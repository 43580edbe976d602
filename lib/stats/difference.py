"""The difference in accuracy of two versions, estimated from a random part of the images on which they disagree.

An image that gets the same label from both versions adds nothing to the difference, whatever its true label is. So only
disagreements need labels. All functions also take arrays, one entry for each prefix.

Sources: Bonett & Price (2012), J. Educ. Behav. Stat. 37:479, for the interval at the end; Waudby-Smith et al. (2024),
asymptotic confidence sequences, for the interval that holds at every label.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from lib.stats.intervals import Interval, standard_score

Numbers: TypeAlias = Any
"""A number, or an array of numbers."""

_PRIOR = 2  # one fix and one regression, or one agreement and one disagreement


@dataclass(frozen=True, slots=True)
class PrefixCounts:
    """What is known of two versions: `images` that both predicted, on `disagreements` of which their labels differ.

    `labeled` disagreements are in the prefix of the review order; the candidate alone is right on `fixes` of them, the
    baseline alone on `regressions`. Each is a number, or an array with one entry for each prefix.
    """

    images: Numbers
    disagreements: Numbers
    labeled: Numbers
    fixes: Numbers
    regressions: Numbers

    @property
    def is_complete(self) -> Numbers:
        """Whether all disagreements are labeled."""
        return self.labeled == self.disagreements

    @property
    def estimate(self) -> Numbers:
        """Accuracy of the candidate minus that of the baseline, -1 to 1; 0 without labels."""
        share = self.disagreements / np.maximum(self.images, 1)
        return share * (self.fixes - self.regressions) / np.maximum(self.labeled, 1)


def find_sure_bounds(counts: PrefixCounts) -> Interval:
    """Return the least and the largest difference on these images themselves that labels may still bring."""
    if not counts.images:
        return Interval(-1.0, 1.0)
    missing = counts.disagreements - counts.labeled
    net = counts.fixes - counts.regressions
    return Interval((net - missing) / counts.images, (net + missing) / counts.images)


def difference_interval(counts: PrefixCounts, level: float = 0.95, *, at_every_label: bool) -> Interval:
    """Return the interval of the difference for images like these, in [-1, 1].

    With `at_every_label` it may be read after each label, and all that are shown hold together at this level; without,
    it holds for one reading. Without any label of a disagreement only the sure bounds are known.
    """
    if not counts.images or (not counts.labeled and counts.disagreements):
        return find_sure_bounds(counts)
    low, high = find_bounds(counts, level, at_every_label=at_every_label)
    return Interval(float(low), float(high))


def find_bounds(counts: PrefixCounts, level: float, *, at_every_label: bool) -> tuple[Numbers, Numbers]:
    """Return both ends of the interval, for prefixes with at least one label or without any disagreement."""
    size, net = counts.labeled + _PRIOR, counts.fixes - counts.regressions
    mean = net / size
    variance = (counts.fixes + counts.regressions + _PRIOR) / size - mean**2
    share = (counts.disagreements + _PRIOR) / (counts.images + _PRIOR)
    factor = critical_value(counts, level, at_every_label=at_every_label)
    half = np.sqrt(
        factor**2 * share**2 * variance / size
        + standard_score(level) ** 2 * mean**2 * share * (1 - share) / (counts.images + _PRIOR)
    )
    return np.maximum(-1.0, share * mean - half), np.minimum(1.0, share * mean + half)


def critical_value(counts: PrefixCounts, level: float, *, at_every_label: bool) -> Numbers:
    """Return how many standard errors the interval reaches to each side."""
    if not at_every_label:
        return standard_score(level)
    error = 1 - level
    # Narrowest when half of the disagreements are labeled.
    narrowest_at = np.maximum(10, counts.disagreements / 2)
    tuning = (-2 * np.log(error) + np.log(-2 * np.log(error) + 1)) / narrowest_at
    spread = (counts.labeled + _PRIOR) * tuning
    return np.sqrt((spread + 1) / spread * np.log((spread + 1) / error**2))


@dataclass(frozen=True, slots=True)
class GroupCounts:
    """The counts of one group of near-duplicates; `net` is fixes minus regressions among its labeled disagreements."""

    images: int
    disagreements: int
    labeled: int
    net: int


def grouped_interval(
    counts: PrefixCounts, groups: Sequence[GroupCounts], level: float = 0.95, *, at_every_label: bool
) -> Interval:
    """Return the interval with near-duplicates: it covers that of single images and one over their groups.

    Source: linearization over groups, as for a ratio of totals in cluster samples (Cochran 1977, chapter 11).
    """
    single = difference_interval(counts, level, at_every_label=at_every_label)
    if len(groups) == counts.images or not counts.labeled:
        return single
    half = _half_width(counts, groups, level, at_every_label=at_every_label)
    low, high = max(-1.0, counts.estimate - half), min(1.0, counts.estimate + half)
    return Interval(float(min(low, single.low)), float(max(high, single.high)))


def _half_width(counts: PrefixCounts, groups: Sequence[GroupCounts], level: float, *, at_every_label: bool) -> float:
    from scipy.special import stdtrit  # noqa: PLC0415 - SciPy takes longer to load than all of a page

    sizes = np.array([(group.images, group.disagreements, group.labeled, group.net) for group in groups], float)
    images, disagreements, labeled, net = sizes.T
    mean = (counts.fixes - counts.regressions) / counts.labeled
    residuals = (
        counts.disagreements / counts.labeled * (net - mean * labeled) + mean * disagreements - counts.estimate * images
    )
    correction = len(groups) / max(1, len(groups) - 1)
    error = np.sqrt(correction * np.sum(residuals**2)) / counts.images
    degrees = max(1, int(np.count_nonzero(labeled)) - 1)
    widening = critical_value(counts, level, at_every_label=at_every_label) / standard_score(level)
    return float(error * stdtrit(degrees, (1 + level) / 2) * widening)
