"""Ranges in which a true value lies with a stated chance."""

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist


@dataclass(frozen=True, slots=True)
class Interval:
    """From `low` to `high`, both included. Raises ValueError where low is above high, or one is not a number."""

    low: float
    high: float

    def __post_init__(self) -> None:
        if not self.low <= self.high:
            raise ValueError(f"an interval cannot go from {self.low} to {self.high}")

    def holds(self, value: float) -> bool:
        """Whether the value lies in it."""
        return self.low <= value <= self.high


def wilson_interval(successes: int, trials: int, level: float = 0.95) -> Interval:
    """Interval for a proportion that holds up for few trials and near 0 or 1; (0, 1) for no trials.

    `level` is the wanted coverage, in (0, 1). Raises ValueError unless 0 <= successes <= trials.
    Source: Wilson (1927), JASA 22:209; compared in Brown, Cai & DasGupta (2001), Stat. Sci. 16:101.
    """
    if not 0 <= successes <= trials:
        raise ValueError(f"{successes} of {trials} is no proportion")
    if trials == 0:
        return Interval(0.0, 1.0)
    z = standard_score(level)
    share = successes / trials
    centre = share + z * z / (2 * trials)
    half = z * sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    scale = 1 + z * z / trials
    # At the ends rounding would leave a hair: there the bound is the end itself.
    low = 0.0 if successes == 0 else (centre - half) / scale
    high = 1.0 if successes == trials else (centre + half) / scale
    return Interval(low, high)


def standard_score(level: float) -> float:
    """How many standard deviations around the mean hold `level` of a normal distribution: 1.96 for 0.95."""
    return NormalDist().inv_cdf((1 + level) / 2)
