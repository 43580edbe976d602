"""What a review can find: before it begins, and while labels are missing."""

import numpy as np

from lib.stats.intervals import SEED
from lib.stats.paired_tests import FINAL_LEVEL, exact_mcnemar

# Fixes, regressions and other outcomes that are assumed before the first label: neither promises nor warns too much.
_PRIOR = (4, 4, 1)
_DRAWS = 4_000


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
