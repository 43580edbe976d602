"""Intervals by drawing again from the groups that were seen: images that look alike stay together."""

from collections.abc import Sequence

import numpy as np

from lib.stats.interval import Interval

SEED = 20_261_123
"""Where the drawing starts: the same images always give the same interval."""
RESAMPLES = 2_000


def ratio_interval(
    numerators: Sequence[float], denominators: Sequence[float], *, resamples: int = RESAMPLES, level: float = 0.95
) -> Interval:
    """Interval of sum(numerators) / sum(denominators), with one entry a group. Raises ValueError for no group.

    Groups of equal entries are interchangeable: how often each kind is drawn is multinomial, which costs the same
    for ten groups and ten thousand.
    Source: percentile bootstrap of clusters, Davison & Hinkley (1997), Bootstrap Methods, sections 3.8 and 5.3.
    """
    if not len(numerators):
        raise ValueError("an interval needs at least one group")
    kinds, counts = np.unique(np.column_stack([numerators, denominators]), axis=0, return_counts=True)
    groups = int(counts.sum())
    drawn = np.random.default_rng(SEED).multinomial(groups, counts / groups, size=resamples)
    sums = drawn @ kinds
    return _percentiles(sums[:, 0] / sums[:, 1], level)


def median_interval(values: Sequence[float], groups: Sequence[int], *, level: float = 0.95) -> Interval:
    """Interval of the median, with one value an image. Raises ValueError for no value.

    Of each group one value counts, its median: the values are then independent, and the bootstrap of their median
    needs no drawing. A resampled median is at most the r-th smallest value just if at least half of the draws are.
    Source: Efron (1979), Ann. Statist. 7:1, section 3: the bootstrap distribution of the median is binomial.
    """
    from scipy.special import bdtr  # noqa: PLC0415 - SciPy takes longer to load than all of a page

    if not len(values):
        raise ValueError("an interval needs at least one value")
    ordered = np.sort(_group_medians(np.asarray(values, float), np.asarray(groups)))
    count = len(ordered)
    half = (count - 1) // 2
    ranks = np.arange(1, count + 1)
    # P(resampled median <= r-th smallest) = P(more than `half` of `count` draws are among the r smallest).
    below = 1 - bdtr(half, count, ranks / count)
    below[-1] = 1.0
    low, high = (int(np.searchsorted(below, share)) for share in ((1 - level) / 2, (1 + level) / 2))
    return Interval(float(ordered[low]), float(ordered[min(high, count - 1)]))


def _group_medians(values: np.ndarray, groups: np.ndarray) -> np.ndarray:
    order = np.lexsort((values, groups))
    _, starts, sizes = np.unique(groups[order], return_index=True, return_counts=True)
    ordered = values[order]
    medians: np.ndarray = (ordered[starts + (sizes - 1) // 2] + ordered[starts + sizes // 2]) / 2
    return medians


def _percentiles(estimates: np.ndarray, level: float) -> Interval:
    low, high = np.quantile(estimates, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high))
