"""What a review can find: before it begins, and while labels are missing."""

from dataclasses import dataclass

import numpy as np

from lib.stats.intervals import SEED
from lib.stats.paired_tests import FINAL_LEVEL, exact_mcnemar
from lib.stats.prefix import Prefix

_SECONDS_PER_LABEL = 5
_NEITHER = 0.36
_DIFFERENCES = tuple(points / 1000 for points in range(5, 55, 5))
# Fixes, regressions and other outcomes that are assumed before the first label: neither promises nor warns too much.
_PRIOR = (4, 4, 1)
_DRAWS = 4_000


@dataclass(frozen=True, slots=True)
class Plan:
    """What the labels that are missing can bring.

    `left` disagreements need a label, which takes about `minutes`. `chance` is that of settling the comparison with
    them, 0 to 1, None before the first label. `power` has, for true differences in accuracy, the chance to find each.
    """

    left: int
    minutes: int
    chance: float | None
    power: tuple[tuple[float, float], ...]


def make_plan(prefix: Prefix) -> Plan | None:
    """Return the plan for the labels that are missing; None if there are none."""
    counts = prefix.counts
    if not prefix.left:
        return None
    left = prefix.unreached if prefix.has_near_duplicates else prefix.left
    tested = prefix.tested
    other = int(counts.labeled) - tested.fixes - tested.regressions
    unlabeled = prefix.left - prefix.waiting
    return Plan(
        unlabeled,
        max(1, round(unlabeled * _SECONDS_PER_LABEL / 60)),
        chance_to_settle(tested.fixes, tested.regressions, other, left) if counts.labeled else None,
        tuple(
            (difference, find_power(int(counts.images), int(counts.disagreements), difference, _NEITHER))
            for difference in _DIFFERENCES
        ),
    )


def find_power(images: int, disagreements: int, difference: float, neither: float) -> float:
    """Return the chance that labeling all disagreements settles a comparison, 0 to 1.

    `difference` is the true difference in accuracy, `neither` the share of disagreements that are neither a fix nor a
    regression. It is the power of the exact McNemar test at FINAL_LEVEL.
    """
    from scipy.stats import binom  # noqa: PLC0415 - SciPy takes longer to load than all of a page

    share = disagreements / images * (1 - neither) if images else 0.0
    flips = round(images * share)
    if not flips:
        return 0.0
    fixes = np.arange(flips + 1)
    is_found = exact_mcnemar(fixes, flips - fixes) <= FINAL_LEVEL
    fix_share = min(1.0, 0.5 + difference / (2 * share))
    return float(binom.pmf(fixes, flips, fix_share)[is_found].sum())


def chance_to_settle(fixes: int, regressions: int, other: int, left: int) -> float:
    """Return the chance that the `left` disagreements without a label settle the comparison, 0 to 1.

    Their outcomes are drawn from what the labels so far suggest (Dirichlet and multinomial); settled means significant
    by the exact McNemar test at FINAL_LEVEL.
    """
    random = np.random.default_rng(SEED)
    shares = random.dirichlet(
        [seen + prior for seen, prior in zip((fixes, regressions, other), _PRIOR, strict=True)], _DRAWS
    )
    drawn = random.multinomial(left, shares)
    return float(np.mean(exact_mcnemar(fixes + drawn[:, 0], regressions + drawn[:, 1]) <= FINAL_LEVEL))
