"""Compare a candidate with the baseline: the verdict, and all statistics that it rests on."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np

from lib.domain.pairs import Pair, PredictionSummary
from lib.stats.agreement import Agreement, compute_agreement
from lib.stats.intervals import Interval, ratio_interval
from lib.stats.latency import LatencyChange, compare_latency
from lib.stats.near_duplicates import group_near_duplicates
from lib.stats.paired_tests import (
    PairedOutcomes,
    count_outcomes,
    estimate_images_needed,
    exact_mcnemar,
    holm,
    newcombe_interval,
)

SIGNIFICANT = 0.05
# Rounding of 8-bit scores moves the sum of a distribution up to 1.05. Sums of multi-label models start at 1.03, but are
# above 1.1 or below 0.9 on most images.
_ROUNDING = 0.1
_MOSTLY = 0.9


class Verdict(Enum):
    """The conclusion about a candidate. Values complete the sentence "v2 is ..." in the gate."""

    BETTER = "better"
    WORSE = "worse"
    NO_WORSE = "no worse than the margin allows"
    NOT_ENOUGH_EVIDENCE = "not enough evidence"
    NO_DIFFERENCE = "no difference found"
    NO_GROUND_TRUTH = "no ground truth"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two versions compared on the images that both predicted.

    `labeled` images have ground truth; `independent` counts each group of near-duplicates once. `interval` is that of
    `outcomes.difference`, in [-1, 1]. `p` is McNemar's exact p-value, `adjusted_p` the same after Holm's correction
    for several candidates. About `needed` more labeled images would make the difference significant. `threshold` is
    the lowest score at which a top label counts, `margin` the non-inferiority margin, 0 to 1. `without_label` counts
    the images without such a label, for baseline and candidate. `is_distribution` is false for multi-label models.
    """

    images: int
    labeled: int
    independent: int
    outcomes: PairedOutcomes
    interval: Interval
    p: float
    adjusted_p: float
    verdict: Verdict
    needed: int | None
    agreement: Agreement
    latency: LatencyChange | None
    threshold: float
    margin: float
    without_label: tuple[int, int]
    is_distribution: bool


def compare(pairs: Sequence[Pair], *, threshold: float = 0.0, margin: float = 0.0) -> Comparison:
    """Compare a candidate with its baseline."""
    return compare_many({"": pairs}, threshold=threshold, margin=margin)[""]


def compare_many(
    pairs: Mapping[str, Sequence[Pair]], *, threshold: float = 0.0, margin: float = 0.0
) -> dict[str, Comparison]:
    """Compare several candidates with one baseline, with p-values corrected by their number (Holm)."""
    found = {name: _compare(of_candidate, threshold, margin) for name, of_candidate in pairs.items()}
    adjusted = holm([comparison.p for comparison in found.values()])
    return {
        name: replace(comparison, adjusted_p=p, verdict=_choose_verdict(comparison, p))
        for (name, comparison), p in zip(found.items(), adjusted, strict=True)
    }


def _compare(pairs: Sequence[Pair], threshold: float, margin: float) -> Comparison:
    groups = group_near_duplicates([pair.perceptual_hash for pair in pairs])
    outcomes = count_outcomes(pairs, threshold)
    p = exact_mcnemar(outcomes)
    baseline = [pair.baseline.label_at(threshold) for pair in pairs]
    candidate = [pair.candidate.label_at(threshold) for pair in pairs]
    return Comparison(
        images=len(pairs),
        labeled=outcomes.images,
        independent=len(set(groups)),
        outcomes=outcomes,
        interval=_difference_interval(pairs, groups, outcomes, threshold),
        p=p,
        adjusted_p=p,
        verdict=Verdict.NO_GROUND_TRUTH,
        needed=estimate_images_needed(outcomes, SIGNIFICANT),
        agreement=compute_agreement(baseline, candidate),
        latency=compare_latency(pairs, groups),
        threshold=threshold,
        margin=margin,
        without_label=(baseline.count(None), candidate.count(None)),
        is_distribution=is_distribution(
            [prediction for pair in pairs for prediction in (pair.baseline, pair.candidate)]
        ),
    )


def _choose_verdict(comparison: Comparison, p: float) -> Verdict:
    if not comparison.labeled:
        return Verdict.NO_GROUND_TRUTH
    interval = comparison.interval
    # Near-duplicates make McNemar's p too small. The interval is bootstrapped by group, and guards against that.
    if p <= SIGNIFICANT and interval.high < 0:
        return Verdict.WORSE
    if p <= SIGNIFICANT and interval.low > 0:
        return Verdict.BETTER
    if comparison.margin > 0 and interval.low > -comparison.margin:
        return Verdict.NO_WORSE
    return Verdict.NOT_ENOUGH_EVIDENCE if comparison.outcomes.discordant else Verdict.NO_DIFFERENCE


def _difference_interval(
    pairs: Sequence[Pair], groups: Sequence[int], outcomes: PairedOutcomes, threshold: float
) -> Interval:
    """Return Newcombe's interval or, with near-duplicates, one by bootstrap over their groups.

    The bootstrap is too narrow for few groups: it is widened to Newcombe's interval of one image per group.
    """
    by_group: dict[int, list[Pair]] = defaultdict(list)
    for pair, group in zip(pairs, groups, strict=True):
        if pair.true_label is not None:
            by_group[group].append(pair)
    if len(by_group) == outcomes.images:
        return newcombe_interval(outcomes)
    grouped = [count_outcomes(members, threshold) for members in by_group.values()]
    bootstrapped = ratio_interval(
        [group.fixes - group.regressions for group in grouped], [group.images for group in grouped]
    )
    single = newcombe_interval(count_outcomes([members[0] for members in by_group.values()], threshold))
    return Interval(min(bootstrapped.low, single.low), max(bootstrapped.high, single.high))


def is_distribution(predictions: Sequence[PredictionSummary]) -> bool:
    """Report whether scores sum to one, as in single-label models. True for no predictions."""
    totals = np.array([prediction.total for prediction in predictions])
    return bool(np.mean(np.abs(totals - 1) <= _ROUNDING) >= _MOSTLY) if len(totals) else True


def find_regressions(pairs: Sequence[Pair], threshold: float) -> list[Pair]:
    """Return the images that only the baseline gets right: the candidate's most confident mistake first."""
    return _find_flips(pairs, threshold, right=lambda pair: pair.baseline, wrong=lambda pair: pair.candidate)


def find_fixes(pairs: Sequence[Pair], threshold: float) -> list[Pair]:
    """Return the images that only the candidate gets right: the baseline's most confident mistake first."""
    return _find_flips(pairs, threshold, right=lambda pair: pair.candidate, wrong=lambda pair: pair.baseline)


def _find_flips(
    pairs: Sequence[Pair],
    threshold: float,
    *,
    right: Callable[[Pair], PredictionSummary],
    wrong: Callable[[Pair], PredictionSummary],
) -> list[Pair]:
    found = [
        pair
        for pair in pairs
        if pair.true_label is not None
        and right(pair).label_at(threshold) == pair.true_label
        and wrong(pair).label_at(threshold) != pair.true_label
    ]
    return sorted(found, key=lambda pair: -wrong(pair).score)


def find_disagreements(pairs: Sequence[Pair], threshold: float) -> list[Pair]:
    """Return the images with different predicted labels: the highest top score of either version first."""
    found = [pair for pair in pairs if pair.baseline.label_at(threshold) != pair.candidate.label_at(threshold)]
    return sorted(found, key=lambda pair: -max(pair.baseline.score, pair.candidate.score))
