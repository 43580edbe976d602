"""May the candidate replace the baseline? Everything that the answer rests on."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np

from lib.domain.pairs import Answer, Pair
from lib.stats.agreement import Agreement, agree
from lib.stats.intervals import Interval, ratio_interval
from lib.stats.latency import LatencyChange, compare_latency
from lib.stats.near_duplicates import group_near_duplicates
from lib.stats.paired_tests import Flips, count_flips, exact_mcnemar, holm, images_needed, newcombe_interval

SIGNIFICANT = 0.05
# Rounding of 8-bit scores moves the sum of a distribution up to 1.05; models of several labels were seen from 1.03 on,
# and are above 1.1 or below 0.9 on most images.
_ROUNDING = 0.1
_MOSTLY = 0.9


class Verdict(Enum):
    """What can be said of the candidate."""

    BETTER = "better"
    WORSE = "worse"
    NO_WORSE = "no worse than the margin"
    NOT_ENOUGH = "not enough evidence"
    NO_DIFFERENCE = "no difference seen"
    NO_TRUTH = "no known labels"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two versions on the images that both answered.

    `labeled` images have a known truth; `independent` counts all images with those that look alike counted once.
    `interval` is that of `flips.difference`, in [-1, 1]. `p` is exact McNemar's, `adjusted_p` the same after Holm's
    correction where several candidates are compared. `needed` more labeled images would settle the difference.
    `threshold` is the score from which a top label counts, `margin` how much worse is still good, 0 to 1.
    `without_label` counts the images on which baseline and candidate name no label from the threshold on.
    """

    images: int
    labeled: int
    independent: int
    flips: Flips
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
    """Compare several candidates with one baseline. The more are tried, the more one of them must show."""
    found = {name: _compare(mine, threshold, margin) for name, mine in pairs.items()}
    adjusted = holm([comparison.p for comparison in found.values()])
    return {
        name: replace(comparison, adjusted_p=p, verdict=_judge(comparison, p))
        for (name, comparison), p in zip(found.items(), adjusted, strict=True)
    }


def _compare(pairs: Sequence[Pair], threshold: float, margin: float) -> Comparison:
    groups = group_near_duplicates([pair.perceptual_hash for pair in pairs])
    flips = count_flips(pairs, threshold)
    p = exact_mcnemar(flips)
    baseline = [pair.baseline.label_from(threshold) for pair in pairs]
    candidate = [pair.candidate.label_from(threshold) for pair in pairs]
    return Comparison(
        images=len(pairs),
        labeled=flips.images,
        independent=len(set(groups)),
        flips=flips,
        interval=_difference_interval(pairs, groups, flips, threshold),
        p=p,
        adjusted_p=p,
        verdict=Verdict.NO_TRUTH,
        needed=images_needed(flips, SIGNIFICANT),
        agreement=agree(baseline, candidate),
        latency=compare_latency(pairs, groups),
        threshold=threshold,
        margin=margin,
        without_label=(baseline.count(None), candidate.count(None)),
        is_distribution=is_distribution([answer for pair in pairs for answer in (pair.baseline, pair.candidate)]),
    )


def _judge(comparison: Comparison, p: float) -> Verdict:
    if not comparison.labeled:
        return Verdict.NO_TRUTH
    interval = comparison.interval
    # Images that look alike make McNemar's p too small; the interval, which is drawn by group, guards against that.
    if p <= SIGNIFICANT and interval.high < 0:
        return Verdict.WORSE
    if p <= SIGNIFICANT and interval.low > 0:
        return Verdict.BETTER
    if comparison.margin > 0 and interval.low > -comparison.margin:
        return Verdict.NO_WORSE
    return Verdict.NOT_ENOUGH if comparison.flips.discordant else Verdict.NO_DIFFERENCE


def _difference_interval(pairs: Sequence[Pair], groups: Sequence[int], flips: Flips, threshold: float) -> Interval:
    """Newcombe's where every labeled image stands for itself, else by bootstrap over the groups that look alike.

    Of a few groups the bootstrap knows too little: it is never narrower than Newcombe's with one image a group.
    """
    by_group: dict[int, list[Pair]] = defaultdict(list)
    for pair, group in zip(pairs, groups, strict=True):
        if pair.true_label is not None:
            by_group[group].append(pair)
    if len(by_group) == flips.images:
        return newcombe_interval(flips)
    grouped = [count_flips(members, threshold) for members in by_group.values()]
    drawn = ratio_interval([mine.fixes - mine.regressions for mine in grouped], [mine.images for mine in grouped])
    single = newcombe_interval(count_flips([members[0] for members in by_group.values()], threshold))
    return Interval(min(drawn.low, single.low), max(drawn.high, single.high))


def is_distribution(answers: Sequence[Answer]) -> bool:
    """Whether the scores of an answer sum to one, so that an image shows just one label; for no answers, too."""
    totals = np.array([answer.total for answer in answers])
    return bool(np.mean(np.abs(totals - 1) <= _ROUNDING) >= _MOSTLY) if len(totals) else True


def find_regressions(pairs: Sequence[Pair], threshold: float) -> list[Pair]:
    """Images that only the baseline gets right: the candidate's most certain wrong answer first."""
    return _find_flips(pairs, threshold, right=lambda pair: pair.baseline, wrong=lambda pair: pair.candidate)


def find_fixes(pairs: Sequence[Pair], threshold: float) -> list[Pair]:
    """Images that only the candidate gets right: the baseline's most certain wrong answer first."""
    return _find_flips(pairs, threshold, right=lambda pair: pair.candidate, wrong=lambda pair: pair.baseline)


def _find_flips(
    pairs: Sequence[Pair], threshold: float, *, right: Callable[[Pair], Answer], wrong: Callable[[Pair], Answer]
) -> list[Pair]:
    found = [
        pair
        for pair in pairs
        if pair.true_label is not None
        and right(pair).label_from(threshold) == pair.true_label
        and wrong(pair).label_from(threshold) != pair.true_label
    ]
    return sorted(found, key=lambda pair: -wrong(pair).score)


def find_disagreements(pairs: Sequence[Pair], threshold: float) -> list[Pair]:
    """Images with different labels from the two: largest score change first, that is the higher of their top scores."""
    found = [pair for pair in pairs if pair.baseline.label_from(threshold) != pair.candidate.label_from(threshold)]
    return sorted(found, key=lambda pair: -max(pair.baseline.score, pair.candidate.score))
