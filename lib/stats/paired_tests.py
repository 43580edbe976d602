"""Tests of two versions on the same images, corrected for several candidates and interim analyses."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from lib.domain.pairs import Pair
from lib.stats.intervals import Interval, wilson_interval

_MAX_IMAGES = 10_000_000


@dataclass(frozen=True, slots=True)
class PairedOutcomes:
    """Numbers of labeled images that both versions get right, only the candidate, only the baseline, or neither.

    An image that only the candidate gets right is a fix; one that only the baseline gets right is a regression.
    """

    both_right: int
    fixes: int
    regressions: int
    both_wrong: int

    @property
    def images(self) -> int:
        """Number of labeled images."""
        return self.both_right + self.fixes + self.regressions + self.both_wrong

    @property
    def baseline_right(self) -> int:
        """Number of images that the baseline gets right."""
        return self.both_right + self.regressions

    @property
    def candidate_right(self) -> int:
        """Number of images that the candidate gets right."""
        return self.both_right + self.fixes

    @property
    def discordant(self) -> int:
        """Number of images that only one version gets right."""
        return self.fixes + self.regressions

    @property
    def difference(self) -> float:
        """Accuracy of the candidate minus that of the baseline, -1 to 1; 0 for no images."""
        return (self.fixes - self.regressions) / self.images if self.images else 0.0


def count_outcomes(pairs: Iterable[Pair], threshold: float) -> PairedOutcomes:
    """Count labeled images by which version is right. A top label below the score `threshold` is never right."""
    counts = Counter(
        (
            pair.baseline.label_at(threshold) == pair.true_label,
            pair.candidate.label_at(threshold) == pair.true_label,
        )
        for pair in pairs
        if pair.true_label is not None
    )
    return PairedOutcomes(counts[True, True], counts[False, True], counts[True, False], counts[False, False])


def exact_mcnemar(outcomes: PairedOutcomes) -> float:
    """Return the exact two-sided McNemar p-value; 1 if there are no fixes and no regressions.

    Source: McNemar (1947), Psychometrika 12:153, with the exact binomial distribution.
    """
    from scipy.special import bdtr  # noqa: PLC0415 - SciPy takes longer to load than all of a page

    tail = (
        float(bdtr(min(outcomes.fixes, outcomes.regressions), outcomes.discordant, 0.5)) if outcomes.discordant else 1.0
    )
    return min(1.0, 2 * tail)


def newcombe_interval(outcomes: PairedOutcomes, level: float = 0.95) -> Interval:
    """Return the interval of the difference in accuracy on the same images; (-1, 1) for no images.

    Source: Newcombe (1998), Stat. Med. 17:2635, method 10: Wilson's intervals of both versions, combined by their
    correlation with continuity correction.
    """
    if not outcomes.images:
        return Interval(-1.0, 1.0)
    candidate, baseline = (count / outcomes.images for count in (outcomes.candidate_right, outcomes.baseline_right))
    of_candidate = wilson_interval(outcomes.candidate_right, outcomes.images, level)
    of_baseline = wilson_interval(outcomes.baseline_right, outcomes.images, level)
    phi = _correlate(outcomes)
    below = _combine(candidate - of_candidate.low, of_baseline.high - baseline, phi)
    above = _combine(of_candidate.high - candidate, baseline - of_baseline.low, phi)
    return Interval(max(-1.0, outcomes.difference - below), min(1.0, outcomes.difference + above))


def _correlate(outcomes: PairedOutcomes) -> float:
    margins = (
        outcomes.candidate_right
        * (outcomes.images - outcomes.candidate_right)
        * outcomes.baseline_right
        * (outcomes.images - outcomes.baseline_right)
    )
    if margins == 0:
        return 0.0
    product = outcomes.both_right * outcomes.both_wrong - outcomes.fixes * outcomes.regressions
    lowered = max(product - outcomes.images / 2, 0.0) if product > 0 else float(product)
    return lowered / sqrt(margins)


def _combine(first: float, second: float, phi: float) -> float:
    return sqrt(max(0.0, first * first - 2 * phi * first * second + second * second))


def estimate_images_needed(outcomes: PairedOutcomes, level: float = 0.05) -> int | None:
    """Estimate how many more labeled images would make a difference of this size significant at `level`.

    Assumes that fixes and regressions continue at their present rates. None if the difference is significant already,
    if both rates are equal, or if ten million images would not be enough.
    """
    if outcomes.fixes == outcomes.regressions or exact_mcnemar(outcomes) <= level:
        return None
    low, high = outcomes.images, outcomes.images
    while not _is_significant(outcomes, high, level):
        low, high = high, high * 2
        if high > _MAX_IMAGES:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _is_significant(outcomes, middle, level) else (middle, high)
    return high - outcomes.images


def _is_significant(outcomes: PairedOutcomes, images: int, level: float) -> bool:
    scale = images / outcomes.images
    return (
        exact_mcnemar(PairedOutcomes(0, round(outcomes.fixes * scale), round(outcomes.regressions * scale), 0)) <= level
    )


def holm(p_values: Sequence[float]) -> list[float]:
    """Return the p-values after Holm's correction for multiple tests, in the order given.

    Source: Holm (1979), Scand. J. Statist. 6:65.
    """
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    adjusted = [0.0] * len(p_values)
    highest = 0.0
    for rank, index in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = highest
    return adjusted


# Source: Armitage, McPherson & Rowe (1969), J. R. Statist. Soc. A 132:235, table 2, for tests at 5%.
_ANALYSES = (1, 2, 3, 4, 5, 10, 20, 50)
_FALSE_ALARMS = (0.05, 0.083, 0.107, 0.126, 0.142, 0.193, 0.248, 0.320)


def false_alarm_rate(analyses: int) -> float:
    """Return the probability that at least one of several interim analyses at 5% finds a difference that is not there.

    Interpolated linearly between the published numbers of analyses; beyond 50 it is that of 50.
    """
    return float(np.interp(analyses, _ANALYSES, _FALSE_ALARMS))
