"""How long versions take, and whether one is faster."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lib.domain.pairs import Pair
from lib.stats.intervals import Interval, median_interval


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds that half of the answers, and 95% of them, took at most."""

    median_s: float
    p95_s: float


@dataclass(frozen=True, slots=True)
class LatencyChange:
    """The latencies of both versions; `difference_s` is the median of candidate less baseline, image by image.

    `interval_s` holds that median with 95%, by bootstrap over groups of images that look alike.
    """

    baseline: Latency
    candidate: Latency
    difference_s: float
    interval_s: Interval


def compare_latency(pairs: Sequence[Pair], groups: Sequence[int]) -> LatencyChange | None:
    """The latencies of the pairs, of which `groups` says what looks alike; None for no pairs."""
    if not pairs:
        return None
    baseline = np.array([pair.baseline.latency_s for pair in pairs])
    candidate = np.array([pair.candidate.latency_s for pair in pairs])
    differences = candidate - baseline
    return LatencyChange(
        _summarise(baseline), _summarise(candidate), float(np.median(differences)), median_interval(differences, groups)
    )


def _summarise(latencies_s: np.ndarray) -> Latency:
    median_s, p95_s = np.quantile(latencies_s, [0.5, 0.95])
    return Latency(float(median_s), float(p95_s))
