"""Reviews of sessions whose truth is known: how often does the verdict hold, read after every label?

`lib.stats` itself judges, with the prefixes that a review passes through. Readings at which no candidate can have a
wanted verdict are left out by the same functions of `lib.stats`, which saves most of the time and changes no result.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lib.stats.comparison import Verdict, compute_verdicts
from lib.stats.difference import PrefixCounts, find_bounds, grouped_interval
from lib.stats.paired_tests import EARLY_LEVEL, FINAL_LEVEL, early_p_value, exact_mcnemar
from lib.stats.prefix import Disagreements, Prefix

DECIDED = {Verdict.BETTER, Verdict.WORSE}
NOT_WORSE = {Verdict.BETTER, Verdict.NO_WORSE, Verdict.WORSE_WITHIN_MARGIN}

_NEITHER = 0.36  # of the disagreements, neither label is right
_AGREE = 2


@dataclass(frozen=True, slots=True)
class Cell:
    """A kind of session: `share` of its images bring disagreements with each candidate.

    Each candidate is truly better by `difference` in accuracy. `hand_picked` tells that reviewers label half of the
    disagreements by hand first, those that the first candidate fixes before all others. Images come in bursts of
    `burst` that look alike and have the same outcome, and are added in `batches`, each labeled before the next.
    """

    images: int
    share: float
    candidates: int = 1
    hand_picked: bool = False
    burst: int = 1
    batches: int = 1
    difference: float = 0.0
    margin: float = 0.0

    def __str__(self) -> str:
        """The cell in a few words, for a table."""
        order = "half by hand first" if self.hand_picked else "in review order"
        special = [f"bursts of {self.burst}"] * (self.burst > 1) + [f"{self.batches} batches"] * (self.batches > 1)
        parts = (f"{self.images:,} images", f"{self.share:.0%} differ", f"{self.candidates} candidates", order)
        return ", ".join((*parts, *special))


@dataclass(frozen=True, slots=True)
class Reading:
    """A moment of a review: the verdict on each candidate, after so many labels."""

    labels: int
    verdicts: tuple[Verdict, ...]


class SimulatedReview:
    """One review, from the first label to the last."""

    def __init__(self, cell: Cell, random: np.random.Generator) -> None:
        self._cell = cell
        groups = -(-cell.images // cell.burst)
        self._groups = np.repeat(np.arange(groups), cell.burst)[: cell.images]
        drawn = random.choice([1, -1, 0, _AGREE], size=(groups, cell.candidates), p=_find_probabilities(cell))
        batch = np.arange(cell.images) * cell.batches // cell.images
        order = np.lexsort((random.random(cell.images), batch))
        self._groups, self._batch = self._groups[order], batch[order]
        self._outcomes: np.ndarray = drawn[self._groups]

    @cached_property
    def _union(self) -> np.ndarray:
        """The images, as positions in review order, on which any candidate differs from the baseline."""
        return np.flatnonzero((self._outcomes != _AGREE).any(axis=1))

    @property
    def labels(self) -> int:
        """Number of images that need a label."""
        return len(self._union)

    @cached_property
    def _readings(self) -> np.ndarray:
        """Rows (batch, length of the prefix in images of the union) of all moments with another prefix."""
        rows = []
        by_hand = self._pick_by_hand()
        for batch in range(self._cell.batches):
            members = np.flatnonzero(self._batch[self._union] == batch)
            begun = members[~by_hand[members]]
            ends = [*begun[begun > 0], members[-1] + 1] if len(members) else []
            rows += [(batch, end) for end in ends]
        return np.array(rows, int).reshape(-1, 2)

    @cached_property
    def _images_by_group(self) -> list[Counter[int]]:
        return [Counter(self._groups[self._batch <= batch].tolist()) for batch in range(self._cell.batches)]

    def _pick_by_hand(self) -> np.ndarray:
        picked = np.zeros(len(self._union), bool)
        if self._cell.hand_picked:
            wanted = np.argsort(self._outcomes[self._union, 0] != 1, kind="stable")
            picked[wanted[: len(self._union) // 2]] = True
        return picked

    def list_flips(self) -> np.ndarray:
        """Return fixes (1), regressions (-1) and other outcomes (0) of the first candidate, as labeled."""
        outcomes = self._outcomes[self._union, 0]
        by_hand = self._pick_by_hand()
        labeled = np.concatenate([outcomes[by_hand], outcomes[~by_hand]])
        return np.where(labeled == _AGREE, 0, labeled)

    def find_prefix(self, candidate: int, reading: Sequence[int]) -> Prefix:
        """Return what the labels show of a candidate at this reading."""
        batch, end = reading
        known = self._batch <= batch
        positions = np.flatnonzero((self._outcomes[:, candidate] != _AGREE) & known)
        labeled = int(np.searchsorted(positions, self._union[end - 1], side="right")) if end else 0
        first_batch = int(np.count_nonzero(self._batch[positions] == 0))
        disagreements = Disagreements(
            images_by_group=self._images_by_group[batch],
            groups=self._groups[positions],
            # Batches are labeled one after the other, so the first with disagreements is the first census.
            census_size=(first_batch or None) if batch or labeled == len(positions) else None,
        )
        return disagreements.count(self._outcomes[positions[:labeled], candidate])

    def read(self, wanted: set[Verdict]) -> Iterator[Reading]:
        """Yield the verdicts at all readings at which any candidate may have a wanted one."""
        for reading in self._readings[self._find_worth_judging(wanted)]:
            prefixes = [self.find_prefix(candidate, reading) for candidate in range(self._cell.candidates)]
            verdicts = tuple(judgment.verdict for judgment in compute_verdicts(prefixes, self._cell.margin))
            yield Reading(int(reading[1]), verdicts)

    def _find_worth_judging(self, wanted: set[Verdict]) -> np.ndarray:
        worth = np.zeros(len(self._readings), bool)
        for candidate in range(self._cell.candidates):
            counts, p, census_p = self.count(candidate)
            is_significant = np.minimum(p / EARLY_LEVEL, census_p / FINAL_LEVEL) * self._cell.candidates <= 1
            worth |= is_significant & ((Verdict.WORSE in wanted) | (counts.fixes > counts.regressions))
            if self._cell.margin:
                worth |= self._may_be_no_worse(counts)
        return worth

    def _may_be_no_worse(self, counts: PrefixCounts) -> np.ndarray:
        candidates = self._cell.candidates
        early, _ = find_bounds(counts, 1 - EARLY_LEVEL / candidates, at_every_label=True)
        final, _ = find_bounds(counts, 1 - FINAL_LEVEL / candidates, at_every_label=False)
        low: np.ndarray = np.maximum(early, np.where(np.asarray(counts.is_complete), final, -1.0))
        is_within: np.ndarray = (counts.labeled > 0) & (low > -self._cell.margin)
        return is_within

    def count(self, candidate: int) -> tuple[PrefixCounts, np.ndarray, np.ndarray]:
        """Return the counts at all readings, with the p-values of both tests."""
        batch, end = self._readings.T
        outcomes, batches = self._outcomes[self._union, candidate], self._batch[self._union]
        is_own = outcomes != _AGREE
        flips = np.where(is_own, outcomes, 0)
        tested = np.where(is_own, _keep_first(flips, self._groups[self._union], is_own), 0)
        fixes, regressions = np.cumsum(tested > 0), np.cumsum(tested < 0)
        at = end - 1
        size = np.array([np.count_nonzero(is_own & (batches <= number)) for number in range(self._cell.batches)])
        counts = PrefixCounts(
            images=np.bincount(self._batch, minlength=self._cell.batches).cumsum()[batch],
            disagreements=size[batch],
            labeled=np.cumsum(is_own)[at],
            fixes=np.cumsum(flips > 0)[at],
            regressions=np.cumsum(flips < 0)[at],
        )
        own_census = np.flatnonzero(is_own & (batches == 0))
        census_p = np.ones(len(end))
        if len(own_census):
            census_p[at >= own_census[-1]] = exact_mcnemar(fixes[own_census[-1]], regressions[own_census[-1]])
        return counts, early_p_value(fixes, regressions)[at], census_p

    def covers_at_the_end(self) -> bool:
        """Report whether the interval of the first candidate at the end has the true difference."""
        prefix = self.find_prefix(0, (self._cell.batches - 1, len(self._union)))
        return self._covers(prefix, at_every_label=False)

    def covers_at_every_label(self) -> bool:
        """Report whether all intervals of the first candidate that are shown while labels are missing have it."""
        if self._cell.burst == 1:
            counts, _, _ = self.count(0)
            low, high = find_bounds(counts, 0.95, at_every_label=True)
            is_open = (counts.labeled > 0) & ~counts.is_complete
            return bool(np.all(((low <= self._cell.difference) & (self._cell.difference <= high)) | ~is_open))
        prefixes = (self.find_prefix(0, reading) for reading in self._readings)
        return all(self._covers(prefix, at_every_label=True) for prefix in prefixes if prefix.left)

    def _covers(self, prefix: Prefix, *, at_every_label: bool) -> bool:
        interval = grouped_interval(prefix.counts, prefix.groups, at_every_label=at_every_label)
        return bool(interval.low <= self._cell.difference <= interval.high)


def _keep_first(flips: np.ndarray, groups: np.ndarray, is_own: np.ndarray) -> np.ndarray:
    """Return the flips, 0 for all but the first of each group among a candidate's own disagreements."""
    own = np.flatnonzero(is_own)
    _, first = np.unique(groups[own], return_index=True)
    kept = np.zeros_like(flips)
    kept[own[first]] = flips[own[first]]
    return kept


def _find_probabilities(cell: Cell) -> list[float]:
    """Return the probabilities of fix, regression, neither and agreement."""
    flips = max(cell.share * (1 - _NEITHER), abs(cell.difference))
    share = max(cell.share, flips)
    return [(flips + cell.difference) / 2, (flips - cell.difference) / 2, share - flips, 1 - share]


def simulate(cell: Cell, runs: int, seed: int) -> Iterator[SimulatedReview]:
    """Yield reviews of a cell: the same ones for the same seed."""
    random = np.random.default_rng(seed)
    for _ in range(runs):
        yield SimulatedReview(cell, random)


def is_ever(verdicts: set[Verdict], review: SimulatedReview) -> bool:
    """Report whether any candidate has one of these verdicts after any label."""
    return any(verdicts & set(reading.verdicts) for reading in review.read(verdicts))
