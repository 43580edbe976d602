"""Compare a candidate with the baseline: the verdict, and all statistics that it rests on.

The procedure: only images on which the versions disagree need labels, in a random order that everybody follows. While
labels are missing, an e-value decides, which may be read after each label; once none is missing, the exact McNemar test
decides, once. Together at most 5% of comparisons without a difference end with "better" or "worse". Whether a release
may go out depends on more than the verdict: `lib/workflows/gate.py`.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import combinations
from typing import TypeVar

import numpy as np

from lib.domain.pairs import Pair, PredictionSummary
from lib.stats.accuracy import GroupedPair, estimate_accuracies
from lib.stats.agreement import Agreement, compute_agreement
from lib.stats.difference import find_sure_bounds, grouped_interval
from lib.stats.intervals import Interval
from lib.stats.latency import LatencyChange, compare_latency
from lib.stats.near_duplicates import Grouping, group_pairs
from lib.stats.paired_tests import EARLY_LEVEL, FINAL_LEVEL, can_still_settle, holm, no_worse_p_value
from lib.stats.prefix import Prefix, find_prefix
from lib.stats.strata import Proportion

# Rounding of 8-bit scores moves the sum of a distribution up to 1.05. Sums of multi-label models start at 1.03, but are
# above 1.1 or below 0.9 on most images.
_ROUNDING = 0.1
_MOSTLY = 0.9


Key = TypeVar("Key", bound=Hashable)


class Verdict(Enum):
    """The conclusion about a candidate, in the order in which they are tried. Values complete "v2 is ..."."""

    BETTER = "better"
    WORSE = "worse"
    NO_WORSE = "no worse than the margin allows"
    WORSE_WITHIN_MARGIN = "worse, but within the margin"
    CANNOT_BE_SETTLED = "not to be told apart by more labels"
    NOT_ENOUGH_LABELS = "not labeled enough"
    NO_DIFFERENCE = "not seen to differ"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two versions compared on the images that both predicted.

    `prefix` has the labels that count. `interval` is that of the difference in accuracy for images like these, -1 to 1,
    and `sure_bounds` are those on these images themselves. `early_p` and `census_p` are corrected for the number of
    candidates (Holm); `census_p` is 1 until all disagreements were labeled once. `threshold` is the lowest score at
    which a top label counts, `margin` the accuracy that the candidate may lose, 0 to 1. `without_label` counts the
    images without such a label, for baseline and candidate, and `accuracies` are theirs, None while labels are missing
    for them. `is_distribution` is false for multi-label models. `groups` has each image's group of near-duplicates.
    """

    prefix: Prefix
    interval: Interval
    sure_bounds: Interval
    early_p: float
    census_p: float
    verdict: Verdict
    agreement: Agreement
    accuracies: tuple[Proportion | None, Proportion | None]
    latency: LatencyChange | None
    threshold: float
    margin: float
    without_label: tuple[int, int]
    is_distribution: bool
    groups: tuple[int, ...]

    @property
    def images(self) -> int:
        """Number of images that both versions predicted."""
        return int(self.prefix.counts.images)

    @property
    def disagreements(self) -> int:
        """Number of images with different predicted labels."""
        return int(self.prefix.counts.disagreements)

    @property
    def labeled(self) -> int:
        """Number of disagreements whose labels count."""
        return int(self.prefix.counts.labeled)

    @property
    def estimate(self) -> float | None:
        """The difference in accuracy, -1 to 1; None if nothing is known, and after an early end, when it runs high."""
        is_unknown = not self.images or (not self.labeled and self.disagreements)
        return None if is_unknown or self.is_settled_early else float(self.prefix.counts.estimate)

    @property
    def is_settled_early(self) -> bool:
        """Whether the verdict is "better" or "worse" while disagreements are still unlabeled."""
        return bool(self.prefix.left) and self.verdict in _SETTLED


_SETTLED = {Verdict.BETTER, Verdict.WORSE, Verdict.WORSE_WITHIN_MARGIN}


def compare(pairs: Sequence[Pair], *, threshold: float = 0.0, margin: float = 0.0) -> Comparison:
    """Compare a candidate with its baseline."""
    return compare_many({"": pairs}, threshold=threshold, margin=margin)[""]


def compare_many(
    pairs: Mapping[Key, Sequence[Pair]],
    *,
    threshold: float = 0.0,
    margin: float = 0.0,
    grouping: Grouping = Grouping.APPEARANCE,
) -> dict[Key, Comparison]:
    """Compare several candidates with one baseline, corrected for their number."""
    groups = [group_pairs(own, grouping) for own in pairs.values()]
    prefixes = [find_prefix(own, numbers, threshold) for own, numbers in zip(pairs.values(), groups, strict=True)]
    judgments = compute_verdicts(prefixes, margin)
    grouped = [list(zip(own, numbers, strict=True)) for own, numbers in zip(pairs.values(), groups, strict=True)]
    return {
        name: _describe(own, prefix, judgment, threshold=threshold, margin=margin)
        for name, own, prefix, judgment in zip(pairs, grouped, prefixes, judgments, strict=True)
    }


def find_overlaps(comparisons: Mapping[Key, Comparison]) -> list[tuple[Key, Key]]:
    """Return the candidates whose intervals overlap, in pairs: the order of their estimates may be chance."""
    return [
        (one, other)
        for (one, first), (other, second) in combinations(comparisons.items(), 2)
        if first.interval.low <= second.interval.high and second.interval.low <= first.interval.high
    ]


@dataclass(frozen=True, slots=True)
class VerdictBasis:
    """A verdict with the corrected p-values that it rests on."""

    verdict: Verdict
    early_p: float
    census_p: float


def compute_verdicts(prefixes: Sequence[Prefix], margin: float = 0.0) -> list[VerdictBasis]:
    """Return the verdict on each candidate, from what the labels show of it."""
    early = holm([prefix.early_p for prefix in prefixes])
    census = holm([1.0 if prefix.census is None else prefix.census.p for prefix in prefixes])
    return [
        VerdictBasis(
            _choose_verdict(
                prefix,
                is_significant=early_p <= EARLY_LEVEL or census_p <= FINAL_LEVEL,
                is_no_worse=_is_no_worse(prefix, margin, len(prefixes)),
            ),
            early_p,
            census_p,
        )
        for prefix, early_p, census_p in zip(prefixes, early, census, strict=True)
    ]


def _choose_verdict(prefix: Prefix, *, is_significant: bool, is_no_worse: bool) -> Verdict:
    direction = _find_direction(prefix) if is_significant else 0
    if direction > 0:
        return Verdict.BETTER
    if direction < 0:
        return Verdict.WORSE_WITHIN_MARGIN if is_no_worse else Verdict.WORSE
    if is_no_worse:
        return Verdict.NO_WORSE
    if not prefix.left:
        return Verdict.NO_DIFFERENCE
    return Verdict.NOT_ENOUGH_LABELS if _is_open(prefix) else Verdict.CANNOT_BE_SETTLED


def _find_direction(prefix: Prefix) -> int:
    """Return 1 or -1 if tests, estimate and interval all point that way, otherwise 0.

    With near-duplicates the tests alone are wrong too often, where large groups go one way and single images the other;
    the level of the interval guards against that.
    """
    level = 0.95
    if prefix.has_near_duplicates:
        level = 1 - (FINAL_LEVEL if prefix.is_final else EARLY_LEVEL)
    interval = grouped_interval(prefix.counts, prefix.groups, level, at_every_label=not prefix.is_final)
    sign = int(np.sign(prefix.tested.fixes - prefix.tested.regressions))
    same = sign == int(np.sign(prefix.counts.estimate))
    excludes_zero = interval.low > 0 if sign > 0 else interval.high < 0
    return sign if same and excludes_zero else 0


def _is_no_worse(prefix: Prefix, margin: float, candidates: int) -> bool:
    if margin <= 0:
        return False
    level = 1 - (FINAL_LEVEL if prefix.is_final else EARLY_LEVEL) / candidates
    interval = grouped_interval(prefix.counts, prefix.groups, level, at_every_label=not prefix.is_final)
    if not prefix.is_final:
        return interval.low > -margin
    counts = prefix.counts
    p = no_worse_p_value(counts.images, counts.fixes, counts.regressions, margin)
    return interval.low > -margin and 2 * p <= FINAL_LEVEL / candidates


def _is_open(prefix: Prefix) -> bool:
    """Report whether labels that are missing could still settle "better" or "worse"."""
    left = prefix.unreached if prefix.has_near_duplicates else prefix.left
    return can_still_settle(prefix.tested.fixes, prefix.tested.regressions, left)


def _describe(
    grouped: Sequence[GroupedPair], prefix: Prefix, judged: VerdictBasis, *, threshold: float, margin: float
) -> Comparison:
    pairs, groups = [pair for pair, _ in grouped], [group for _, group in grouped]
    baseline = [pair.baseline.label_at(threshold) for pair in pairs]
    candidate = [pair.candidate.label_at(threshold) for pair in pairs]
    return Comparison(
        prefix=prefix,
        interval=grouped_interval(prefix.counts, prefix.groups, at_every_label=bool(prefix.left)),
        sure_bounds=find_sure_bounds(prefix.counts),
        early_p=judged.early_p,
        census_p=judged.census_p,
        verdict=judged.verdict,
        agreement=compute_agreement(baseline, candidate),
        accuracies=estimate_accuracies(grouped, threshold),
        latency=compare_latency(pairs, groups),
        threshold=threshold,
        margin=margin,
        without_label=(baseline.count(None), candidate.count(None)),
        is_distribution=is_distribution(
            [prediction for pair in pairs for prediction in (pair.baseline, pair.candidate)]
        ),
        groups=tuple(groups),
    )


def is_distribution(predictions: Sequence[PredictionSummary]) -> bool:
    """Report whether scores sum to one, as in single-label models. True for no predictions."""
    totals = np.array([prediction.total for prediction in predictions])
    return bool(np.mean(np.abs(totals - 1) <= _ROUNDING) >= _MOSTLY) if len(totals) else True
