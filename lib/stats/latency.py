"""Latency of two versions, and the difference between them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lib.domain.pairs import Pair
from lib.stats.intervals import Interval, median_interval


@dataclass(frozen=True, slots=True)
class Latency:
    """Median and 95th percentile of the latency, in seconds."""

    median_s: float
    p95_s: float


@dataclass(frozen=True, slots=True)
class LatencyChange:
    """The latencies of both versions. `difference_s` is the median of candidate minus baseline, image by image.

    `interval_s` is the 95% interval of that median over groups of near-duplicates, None for fewer than six groups.
    """

    baseline: Latency
    candidate: Latency
    difference_s: float
    interval_s: Interval | None


def compare_latency(pairs: Sequence[Pair], groups: Sequence[int]) -> LatencyChange | None:
    """Return the latencies of the pairs; None for no pairs. `groups` has each pair's group of near-duplicates."""
    if not pairs:
        return None
    baseline = np.array([pair.baseline.latency_s for pair in pairs])
    candidate = np.array([pair.candidate.latency_s for pair in pairs])
    differences = candidate - baseline
    return LatencyChange(
        _summarize(baseline), _summarize(candidate), float(np.median(differences)), median_interval(differences, groups)
    )


def _summarize(latencies_s: np.ndarray) -> Latency:
    median_s, p95_s = np.quantile(latencies_s, [0.5, 0.95])
    return Latency(float(median_s), float(p95_s))
