"""Tests of paired outcomes, and their correction for several candidates and interim analyses."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from lib.domain.pairs import Pair
from lib.stats.intervals import Interval, wilson_interval

_MOST_IMAGES = 10_000_000


@dataclass(frozen=True, slots=True)
class Flips:
    """How many labeled images both versions get right, only the candidate (a fix), only the baseline, or neither."""

    both_right: int
    fixes: int
    regressions: int
    both_wrong: int

    @property
    def images(self) -> int:
        """All labeled images."""
        return self.both_right + self.fixes + self.regressions + self.both_wrong

    @property
    def baseline_right(self) -> int:
        """Images that the baseline gets right."""
        return self.both_right + self.regressions

    @property
    def candidate_right(self) -> int:
        """Images that the candidate gets right."""
        return self.both_right + self.fixes

    @property
    def discordant(self) -> int:
        """Images that only one version gets right."""
        return self.fixes + self.regressions

    @property
    def difference(self) -> float:
        """Accuracy of the candidate less that of the baseline, -1 to 1; 0 for no images."""
        return (self.fixes - self.regressions) / self.images if self.images else 0.0


def count_flips(pairs: Iterable[Pair], threshold: float) -> Flips:
    """The images with a known truth, sorted by who is right. A top label counts from a score of `threshold` on."""
    counts = Counter(
        (
            pair.baseline.label_from(threshold) == pair.true_label,
            pair.candidate.label_from(threshold) == pair.true_label,
        )
        for pair in pairs
        if pair.true_label is not None
    )
    return Flips(counts[True, True], counts[False, True], counts[True, False], counts[False, False])


def exact_mcnemar(flips: Flips) -> float:
    """Chance of flips at least this lopsided if neither version were better: two-sided, exact; 1 for no flips.

    Source: McNemar (1947), Psychometrika 12:153; exact by the binomial distribution with one half.
    """
    from scipy.special import bdtr  # noqa: PLC0415 - SciPy takes longer to load than all of a page

    tail = float(bdtr(min(flips.fixes, flips.regressions), flips.discordant, 0.5)) if flips.discordant else 1.0
    return min(1.0, 2 * tail)


def newcombe_interval(flips: Flips, level: float = 0.95) -> Interval:
    """Interval of the difference in accuracy of two versions on the same images; (-1, 1) for no images.

    Source: Newcombe (1998), Stat. Med. 17:2635, method 10: Wilson's intervals of both, put together by the
    correlation of the two, which is taken a little lower than seen.
    """
    if not flips.images:
        return Interval(-1.0, 1.0)
    candidate, baseline = (count / flips.images for count in (flips.candidate_right, flips.baseline_right))
    of_candidate = wilson_interval(flips.candidate_right, flips.images, level)
    of_baseline = wilson_interval(flips.baseline_right, flips.images, level)
    phi = _correlation(flips)
    below = _joined(candidate - of_candidate.low, of_baseline.high - baseline, phi)
    above = _joined(of_candidate.high - candidate, baseline - of_baseline.low, phi)
    return Interval(max(-1.0, flips.difference - below), min(1.0, flips.difference + above))


def _correlation(flips: Flips) -> float:
    margins = (
        flips.candidate_right
        * (flips.images - flips.candidate_right)
        * flips.baseline_right
        * (flips.images - flips.baseline_right)
    )
    if margins == 0:
        return 0.0
    product = flips.both_right * flips.both_wrong - flips.fixes * flips.regressions
    lowered = max(product - flips.images / 2, 0.0) if product > 0 else float(product)
    return lowered / sqrt(margins)


def _joined(first: float, second: float, phi: float) -> float:
    return sqrt(max(0.0, first * first - 2 * phi * first * second + second * second))


def images_needed(flips: Flips, level: float = 0.05) -> int | None:
    """How many more labeled images would settle a difference of this size: make exact McNemar fall to `level`.

    Assumes that fixes and regressions go on at the rates seen so far. None where it is settled already, where they
    come at the same rate, or where millions would not do.
    """
    if flips.fixes == flips.regressions or exact_mcnemar(flips) <= level:
        return None
    low, high = flips.images, flips.images
    while not _settles(flips, high, level):
        low, high = high, high * 2
        if high > _MOST_IMAGES:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _settles(flips, middle, level) else (middle, high)
    return high - flips.images


def _settles(flips: Flips, images: int, level: float) -> bool:
    scale = images / flips.images
    return exact_mcnemar(Flips(0, round(flips.fixes * scale), round(flips.regressions * scale), 0)) <= level


def holm(p_values: Sequence[float]) -> list[float]:
    """The p-values as they count when all are asked at once, in the order given; none gets smaller, none above 1.

    Source: Holm (1979), Scand. J. Statist. 6:65.
    """
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    adjusted = [0.0] * len(p_values)
    highest = 0.0
    for rank, place in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = highest
    return adjusted


# Source: Armitage, McPherson & Rowe (1969), J. R. Statist. Soc. A 132:235, table 2, for tests at 5 %.
_LOOKS = (1, 2, 3, 4, 5, 10, 20, 50)
_FALSE_ALARMS = (0.05, 0.083, 0.107, 0.126, 0.142, 0.193, 0.248, 0.320)


def false_alarm_rate(analyses: int) -> float:
    """Chance that at least one of so many looks at growing data is significant at 5% where nothing differs.

    Between the published numbers of looks it is read off a line; beyond 50 it is that of 50.
    """
    return float(np.interp(analyses, _LOOKS, _FALSE_ALARMS))
