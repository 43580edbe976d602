"""Tests of two versions on the same images, for one reading or many, corrected for several candidates.

Fixes are images that only the candidate gets right, regressions those that only the baseline does. If neither version
is better, each of them is as likely as the other: a fair coin. All functions of counts also take arrays.
"""

from collections.abc import Sequence
from math import sqrt
from statistics import NormalDist

import numpy as np

from lib.stats.difference import Numbers

EARLY_LEVEL = 0.01
"""Level at which a verdict is settled while disagreements are unlabeled, however often it is read."""
FINAL_LEVEL = 0.04
"""Level at which it is settled once, when all disagreements are labeled. Together at most 5% are wrong."""


def exact_mcnemar(fixes: Numbers, regressions: Numbers) -> Numbers:
    """Return the exact two-sided McNemar p-value; 1 without fixes and regressions.

    Source: McNemar (1947), Psychometrika 12:153, with the exact binomial distribution.
    """
    from scipy.special import bdtr  # noqa: PLC0415 - SciPy takes longer to load than all of a page

    return np.minimum(1.0, 2 * bdtr(np.minimum(fixes, regressions), np.add(fixes, regressions), 0.5))


def no_worse_p_value(images: int, fixes: int, regressions: int, margin: float) -> float:
    """Return the one-sided p-value against a candidate that is less accurate by `margin`, 0 to 1, or more.

    All disagreements among `images` are labeled. Where few images make the difference, an interval at a strict level
    is too narrow: this test guards against it.
    Source: the score test of Tango (1998), Stat. Med. 17:891.
    """
    if not images:
        return 1.0
    # The most likely share of regressions, if the margin is the true difference, is the root of a q^2 + b q + c.
    a, c = 2 * images, regressions * margin * (1 + margin)
    b = 2 * regressions * -margin - (fixes + regressions) * (1 + margin) - 2 * (images - fixes - regressions) * margin
    share = max(margin, (-b + sqrt(max(0.0, b * b - 4 * a * c))) / (2 * a))
    gain = fixes - regressions + images * margin
    variance = images * (2 * share - margin - margin**2)
    if variance <= 0:  # a margin of 1 can only be reached by a regression on every image
        return 0.0 if gain > 0 else 1.0
    return 1 - NormalDist().cdf(gain / sqrt(variance))


def log_e_value(fixes: Numbers, regressions: Numbers) -> Numbers:
    """Return the logarithm of the e-value against a fair coin: 0 without fixes and regressions.

    It is the likelihood ratio of a coin with any bias, all biases being equally likely, to a fair one:
    2^m / ((m + 1) C(m, f)) for f fixes of m. If the coin is fair, it ever exceeds 1 / p with probability p at most.
    Source: Ville (1939); Robbins (1970), Ann. Math. Stat. 41:1397.
    """
    from scipy.special import betaln  # noqa: PLC0415 - SciPy takes longer to load than all of a page

    return np.add(fixes, regressions) * np.log(2) + betaln(np.add(fixes, 1), np.add(regressions, 1))


def early_p_value(fixes: np.ndarray, regressions: np.ndarray) -> np.ndarray:
    """Return the p-value at each position of a prefix, from the counts so far: it may be read after every label.

    The counts are along the last axis. A p-value never rises from one position to the next.
    """
    highest = np.maximum.accumulate(log_e_value(fixes, regressions), axis=-1)
    p: np.ndarray = np.exp(-np.maximum(highest, 0.0))
    return p


def can_still_settle(fixes: int, regressions: int, left: int) -> bool:
    """Report whether `left` more labels could still make the difference significant at FINAL_LEVEL."""
    best = exact_mcnemar(fixes + left, regressions), exact_mcnemar(fixes, regressions + left)
    return bool(min(best) <= FINAL_LEVEL)


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
