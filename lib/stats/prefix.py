"""What a review has shown so far of two versions: the beginning of the review order without a gap, and its outcomes."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, takewhile

import numpy as np

from lib.domain.pairs import Pair
from lib.stats.difference import GroupCounts, PrefixCounts
from lib.stats.paired_tests import early_p_value, exact_mcnemar


@dataclass(frozen=True, slots=True)
class FlipCounts:
    """Fixes and regressions that count for the tests: of near-duplicates, the first in the review order alone."""

    fixes: int
    regressions: int

    @property
    def p(self) -> float:
        """The exact McNemar p-value."""
        return float(exact_mcnemar(self.fixes, self.regressions))


@dataclass(frozen=True, slots=True)
class Prefix:
    """The labels that count for a comparison of two versions.

    `labeled` are the disagreements in review order before the first without a final word, `gap` those without one that
    come before the last with one, and `waiting` the number of final words behind the first gap. `unsure` of the
    labeled stay unsure. `early_p` may be read after every label.

    The disagreements of some moment were once all labeled: `census` has their counts, None if that has not happened.
    `is_final` tells that it is true now, and for the first time. `unreached` groups have no labeled disagreement.
    """

    counts: PrefixCounts
    tested: FlipCounts
    groups: tuple[GroupCounts, ...]
    early_p: float
    census: FlipCounts | None
    is_final: bool
    unreached: int
    gap: tuple[Pair, ...] = ()
    waiting: int = 0
    unsure: int = 0

    @property
    def has_near_duplicates(self) -> bool:
        """Whether any two images are near-duplicates."""
        return len(self.groups) < int(self.counts.images)

    @property
    def left(self) -> int:
        """Number of disagreements without a label that counts."""
        return int(self.counts.disagreements - self.counts.labeled)


def find_prefix(pairs: Sequence[Pair], groups: Sequence[int], threshold: float) -> Prefix:
    """Return what the labels show; `groups` has each pair's group of near-duplicates."""
    differing = [(pair, group) for pair, group in zip(pairs, groups, strict=True) if pair.differs_at(threshold)]
    ordered = sorted(differing, key=lambda item: item[0].place)
    labeled = [pair for pair, _ in takewhile(lambda item: item[0].is_final, ordered)]
    rest = [pair for pair, _ in ordered[len(labeled) :]]
    behind = [index for index, pair in enumerate(rest) if pair.is_final]
    disagreements = Disagreements(
        images_by_group=Counter(groups),
        groups=np.array([group for _, group in ordered], int),
        census_size=_find_census(pairs, [pair for pair, _ in ordered]),
    )
    return replace(
        disagreements.count(np.array([pair.flip_at(threshold) for pair in labeled], int)),
        gap=tuple(pair for pair in rest[: behind[-1]] if not pair.is_final) if behind else (),
        waiting=len(behind),
        unsure=sum(pair.true_label is None for pair in labeled),
    )


@dataclass(frozen=True, slots=True)
class Disagreements:
    """The images that two versions label differently, in review order: `groups` has the group of each.

    `images_by_group` counts all images that both versions predicted, by group of near-duplicates. `census_size` is the
    number of disagreements when all were labeled for the first time, None if they never were.
    """

    images_by_group: Mapping[int, int]
    groups: np.ndarray
    census_size: int | None

    def count(self, flips: np.ndarray) -> Prefix:
        """Return what the first labels show: `flips` has 1 for a fix, -1 for a regression, 0 for anything else."""
        labeled, size = len(flips), len(self.groups)
        tested = _keep_first_of_group(flips, self.groups[:labeled])
        fixes, regressions = np.cumsum(tested > 0), np.cumsum(tested < 0)
        images = sum(self.images_by_group.values())
        had_census = self.census_size is not None and 0 < self.census_size <= labeled
        return Prefix(
            counts=PrefixCounts(images, size, labeled, int(np.sum(flips > 0)), int(np.sum(flips < 0))),
            tested=_count(tested),
            groups=self._count_groups(flips),
            early_p=float(early_p_value(fixes, regressions)[-1]) if labeled else 1.0,
            census=_count(tested[: self.census_size]) if had_census else None,
            is_final=labeled == size and self.census_size in {None, size},
            unreached=len(np.setdiff1d(self.groups, self.groups[:labeled])),
        )

    def _count_groups(self, flips: np.ndarray) -> tuple[GroupCounts, ...]:
        disagreements = Counter(self.groups.tolist())
        labeled = Counter(self.groups[: len(flips)].tolist())
        net: Counter[int] = Counter()
        for group, flip in zip(self.groups.tolist(), flips.tolist(), strict=False):
            net[group] += flip
        return tuple(
            GroupCounts(images, disagreements[group], labeled[group], net[group])
            for group, images in self.images_by_group.items()
        )


def _keep_first_of_group(flips: np.ndarray, groups: np.ndarray) -> np.ndarray:
    _, first = np.unique(groups, return_index=True)
    kept = np.zeros_like(flips)
    kept[first] = flips[first]
    return kept


def _count(flips: np.ndarray) -> FlipCounts:
    return FlipCounts(int(np.sum(flips > 0)), int(np.sum(flips < 0)))


def _find_census(pairs: Sequence[Pair], ordered: Sequence[Pair]) -> int | None:
    """Return how many disagreements there were when all were labeled for the first time; None if they never were.

    Images are added in batches, and the review order has one batch after the other.
    """
    batches = sorted({pair.place.batch for pair in pairs})
    sizes = {batch: len(list(members)) for batch, members in groupby(ordered, key=lambda pair: pair.place.batch)}
    size = 0
    for batch in batches:
        size += sizes.get(batch, 0)
        latest = [pair.final_in_batch for pair in ordered[:size]]
        if size and all(final_in is not None and final_in <= batch for final_in in latest):
            return size
    return None
