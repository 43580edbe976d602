"""Confidence intervals of proportions (Wilson), ratios (bootstrap), medians (sign test) and means (Student's t)."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

import numpy as np


@dataclass(frozen=True, slots=True)
class Interval:
    """From `low` to `high`, both included. Raises ValueError if low is above high, or a bound is NaN."""

    low: float
    high: float

    def __post_init__(self) -> None:
        if not self.low <= self.high:
            raise ValueError(f"invalid interval from {self.low} to {self.high}")

    def contains(self, value: float) -> bool:
        """Report whether the value lies in the interval."""
        return self.low <= value <= self.high


def wilson_interval(successes: float, trials: float, level: float = 0.95) -> Interval:
    """Return the interval of a proportion, which is sound for few trials and near 0 or 1; (0, 1) for no trials.

    Trials that are not independent count as fewer, with as large a share of successes: numbers need not be whole.
    `level` is the target coverage, in (0, 1). Raises ValueError unless 0 <= successes <= trials.
    Source: Wilson (1927), JASA 22:209; compared in Brown, Cai & DasGupta (2001), Stat. Sci. 16:101.
    """
    if not 0 <= successes <= trials:
        raise ValueError(f"{successes} of {trials} is not a proportion")
    if trials == 0:
        return Interval(0.0, 1.0)
    z = standard_score(level)
    share = successes / trials
    center = share + z * z / (2 * trials)
    half = z * sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    scale = 1 + z * z / trials
    # Exact at the ends, where rounding would leave a tiny difference.
    low = 0.0 if successes == 0 else (center - half) / scale
    high = 1.0 if successes == trials else (center + half) / scale
    return Interval(low, high)


@dataclass(frozen=True, slots=True)
class EstimatedShare:
    """A share, 0 to 1, with its 95% interval."""

    value: float
    interval: Interval


@dataclass(frozen=True, slots=True)
class Weighting:
    """How labeled images stand for all images: each for as many as its weight.

    `groups` are the numbers of their groups of near-duplicates. Both arrays have the shape (images,).
    """

    weights: np.ndarray
    groups: np.ndarray

    @classmethod
    def equal(cls, images: int) -> "Weighting":
        """Return the weighting of images that stand for themselves, no two of them alike."""
        return cls(np.ones(images), np.arange(images))

    def __getitem__(self, rows: np.ndarray) -> "Weighting":
        """Return the weighting of some of the images."""
        return Weighting(self.weights[rows], self.groups[rows])

    @property
    def effective_images(self) -> float:
        """The number of independent images of equal weight that tell as much. A group tells as much as one image.

        Source: Kish (1965), Survey Sampling, section 11.7.
        """
        _, index = np.unique(self.groups, return_inverse=True)
        return float(self.weights.sum() ** 2 / np.sum(np.bincount(index, self.weights) ** 2))


def weighted_share(has: np.ndarray, weighting: Weighting) -> EstimatedShare | None:
    """Return the share of images that have something; None for no images.

    The interval is Wilson's, of the effective number of images.
    """
    if not len(has):
        return None
    value = float(np.average(has, weights=weighting.weights))
    effective = weighting.effective_images
    return EstimatedShare(value, wilson_interval(min(value * effective, effective), effective))


def exact_interval(successes: float, trials: float, level: float = 0.95) -> Interval:
    """Return the interval of a proportion that never covers less than `level`; (0, 1) for no trials.

    Source: Clopper & Pearson (1934), Biometrika 26:404.
    """
    from scipy.special import betaincinv  # noqa: PLC0415 - SciPy takes longer to load than all of a page

    error = (1 - level) / 2
    low = betaincinv(successes, trials - successes + 1, error) if successes else 0.0
    high = betaincinv(successes + 1, trials - successes, 1 - error) if successes < trials else 1.0
    return Interval(float(low), float(high))


def standard_score(level: float) -> float:
    """Return the number of standard deviations that cover `level` of a normal distribution: 1.96 for 0.95."""
    return NormalDist().inv_cdf((1 + level) / 2)


SEED = 20_261_123
"""Seed of every bootstrap, so that the same images always give the same interval."""
RESAMPLES = 2_000


def ratio_interval(
    numerators: Sequence[float], denominators: Sequence[float], *, resamples: int = RESAMPLES, level: float = 0.95
) -> Interval:
    """Return the interval of sum(numerators) / sum(denominators), with one entry per group.

    Raises ValueError for no group. Groups with equal entries are interchangeable, so the number of draws of each kind
    is multinomial: ten thousand groups cost as much as ten.
    Source: percentile bootstrap of clusters, Davison & Hinkley (1997), Bootstrap Methods, sections 3.8 and 5.3.
    """
    if not len(numerators):
        raise ValueError("an interval needs at least one group")
    kinds, counts = np.unique(np.column_stack([numerators, denominators]), axis=0, return_counts=True)
    groups = int(counts.sum())
    drawn = np.random.default_rng(SEED).multinomial(groups, counts / groups, size=resamples)
    sums = drawn @ kinds
    return _percentiles(sums[:, 0] / sums[:, 1], level)


def median_interval(values: Sequence[float], groups: Sequence[int], *, level: float = 0.95) -> Interval | None:
    """Return the interval of the median, with one value per image; None for too few values, fewer than six at 95%.

    Each group counts with one value, its median.
    Source: the sign test, whose interval lies between two order statistics (Conover 1999, section 3.2).
    """
    from scipy.special import bdtr  # noqa: PLC0415 - SciPy takes longer to load than all of a page

    ordered = np.sort(_group_medians(np.asarray(values, float), np.asarray(groups)))
    count = len(ordered)
    # A fair coin has fewer than `rank` heads with half of the error at most.
    rank = int(np.count_nonzero(bdtr(np.arange(count), count, 0.5) <= (1 - level) / 2))
    if not rank:
        return None
    return Interval(float(ordered[rank - 1]), float(ordered[count - rank]))


def _group_medians(values: np.ndarray, groups: np.ndarray) -> np.ndarray:
    order = np.lexsort((values, groups))
    _, starts, sizes = np.unique(groups[order], return_index=True, return_counts=True)
    ordered = values[order]
    medians: np.ndarray = (ordered[starts + (sizes - 1) // 2] + ordered[starts + sizes // 2]) / 2
    return medians


def mean_interval(values: np.ndarray, *, level: float = 0.95) -> Interval:
    """Return the interval of the mean of independent values between -1 and 1, which also covers rare ones.

    Values of 1 and of -1 are added, one each, as the interval of a difference in accuracy adds a fix and a regression:
    values that are all alike do not prove that others are.
    Source: Student's t, with pseudo-observations as in Bonett & Price (2012), J. Educ. Behav. Stat. 37:479.
    """
    from scipy.special import stdtrit  # noqa: PLC0415 - SciPy takes longer to load than all of a page

    extended = np.append(values, [1.0, -1.0])
    error = extended.std(ddof=1) / sqrt(len(extended))
    half = float(stdtrit(len(extended) - 1, (1 + level) / 2) * error)
    center = float(extended.mean())
    return Interval(max(-1.0, center - half), min(1.0, center + half))


def _percentiles(estimates: np.ndarray, level: float) -> Interval:
    low, high = np.quantile(estimates, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high))
