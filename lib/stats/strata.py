"""Shares of all images, estimated from strata of which different shares are labeled.

Images on which versions disagree are labeled far more often than those on which they agree. The mean over labeled
images would take them for all; strata weighted by their size do not.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import TypeAlias

from lib.stats.intervals import Interval, standard_score, wilson_interval


@dataclass(frozen=True, slots=True)
class Stratum:
    """`images`, of which `labeled` were drawn at random and labeled; `successes` of these have what is counted.

    `independent` are the groups of near-duplicates among the labeled: ten images of a burst tell as much as one.
    """

    images: int
    labeled: int
    successes: int
    independent: int


@dataclass(frozen=True, slots=True)
class Proportion:
    """An estimated share of all images, 0 to 1, with its 95% interval and the number of labels behind it."""

    value: float
    interval: Interval
    labeled: int


IntervalOf: TypeAlias = Callable[[float, float, float], Interval]
"""An interval of a proportion from successes, trials and level, as `wilson_interval`."""


def estimate_proportion(
    strata: Sequence[Stratum], level: float = 0.95, interval_of: IntervalOf = wilson_interval
) -> Proportion | None:
    """Return the share of all images; None if there are no images, or a stratum has images and no label.

    Source: the intervals of the strata, joined by MOVER (Zou & Donner 2008, Stat. Med. 27:1693), plus the variance
    of the sizes: other images like these would fall into the strata by other shares.
    """
    filled = [stratum for stratum in strata if stratum.images]
    if not filled or not all(stratum.labeled for stratum in filled):
        return None
    total = sum(stratum.images for stratum in filled)
    weights = [stratum.images / total for stratum in filled]
    shares = [stratum.successes / stratum.labeled for stratum in filled]
    value = sum(weight * share for weight, share in zip(weights, shares, strict=True))
    spread = sum(weight * share**2 for weight, share in zip(weights, shares, strict=True)) - value**2
    of_sizes = standard_score(level) ** 2 * max(0.0, spread) / total
    below = above = of_sizes
    for weight, share, stratum in zip(weights, shares, filled, strict=True):
        interval = interval_of(share * stratum.independent, stratum.independent, level)
        below += (weight * (share - interval.low)) ** 2
        above += (weight * (interval.high - share)) ** 2
    interval = Interval(max(0.0, value - sqrt(below)), min(1.0, value + sqrt(above)))
    return Proportion(value, interval, sum(stratum.labeled for stratum in filled))
