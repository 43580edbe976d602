"""Which labels are taken for which, and how well each label is recognized."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from lib.domain.pairs import Pair
from lib.domain.predictions import Prediction

NO_LABEL = "(no label)"
OTHER = "(other)"
MOST_LABELS = 25


class Side(Enum):
    """One of the two versions."""

    BASELINE = "baseline"
    CANDIDATE = "candidate"


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a confusion: row `truth` and column `said` of one version; None: where just one of the two stands."""

    truth: int
    said: int
    side: Side | None


@dataclass(frozen=True, slots=True)
class Confusion:
    """Counts of labeled images: rows are what they show, columns what a version says, in the order of `labels`.

    Both arrays have the shape (labels, labels). NO_LABEL stands for no label from the threshold on; with many labels
    OTHER stands for all that are seldom mixed up.
    """

    labels: tuple[str, ...]
    baseline: np.ndarray
    candidate: np.ndarray

    @property
    def change(self) -> np.ndarray:
        """The candidate's counts less the baseline's."""
        change: np.ndarray = self.candidate - self.baseline
        return change

    def place_of(self, label: str) -> int:
        """Row and column of a label: its own, or that of OTHER. Raises ValueError where it has none."""
        return self.labels.index(label if label in self.labels else OTHER)


def confuse(pairs: Sequence[Pair], threshold: float) -> Confusion | None:
    """Both versions' confusion on the images of known truth; None where there is none."""
    known = [pair for pair in pairs if pair.true_label is not None]
    if not known:
        return None
    said = {side: [_said(pair, side, threshold) for pair in known] for side in Side}
    truths = [str(pair.true_label) for pair in known]
    labels = _choose_labels(truths, said)
    places = {label: place for place, label in enumerate(labels)}
    other = places.get(OTHER, 0)
    rows = [places.get(truth, other) for truth in truths]
    grids = {side: np.zeros((len(labels), len(labels)), int) for side in Side}
    for side, grid in grids.items():
        np.add.at(grid, (rows, [places.get(label, other) for label in said[side]]), 1)
    return Confusion(labels, grids[Side.BASELINE], grids[Side.CANDIDATE])


def find_members(pairs: Sequence[Pair], confusion: Confusion, threshold: float, cell: Cell) -> list[Pair]:
    """The images that stand in the cell."""

    def is_there(pair: Pair, side: Side) -> bool:
        return confusion.place_of(_said(pair, side, threshold)) == cell.said

    known = [
        pair for pair in pairs if pair.true_label is not None and confusion.place_of(pair.true_label) == cell.truth
    ]
    if cell.side is not None:
        return [pair for pair in known if is_there(pair, cell.side)]
    return [pair for pair in known if is_there(pair, Side.BASELINE) != is_there(pair, Side.CANDIDATE)]


def _said(pair: Pair, side: Side, threshold: float) -> str:
    answer = pair.baseline if side is Side.BASELINE else pair.candidate
    label = answer.label_from(threshold)
    return NO_LABEL if label is None else label


def _choose_labels(truths: Sequence[str], said: dict[Side, list[str]]) -> tuple[str, ...]:
    """All labels in alphabetical order; of too many those that are mixed up most, and OTHER for the rest."""
    every = {*truths, *said[Side.BASELINE], *said[Side.CANDIDATE]} - {NO_LABEL}
    last = [NO_LABEL] if NO_LABEL in {*said[Side.BASELINE], *said[Side.CANDIDATE], *truths} else []
    if len(every) + len(last) <= MOST_LABELS:
        return (*sorted(every), *last)
    mixed_up = Counter(
        label
        for labels in said.values()
        for truth, named in zip(truths, labels, strict=True)
        if truth != named
        for label in (truth, named)
    )
    room = MOST_LABELS - 1 - len(last)
    kept = sorted(every - {OTHER}, key=lambda label: (-mixed_up[label], label))[:room]
    return (*sorted(kept), OTHER, *last)


@dataclass(frozen=True, slots=True)
class LabelStats:
    """One label under two versions. A version names it on an image where its score reaches the threshold.

    `known` counts the images known to show it, and the recalls are the shares of these on which each version names
    it: None where there is no such image, or the version does not have the label. `same` is the share of all images
    on which both name it or both do not; None where only one version has it.
    """

    label: str
    known: int
    baseline_recall: float | None
    candidate_recall: float | None
    same: float | None


def by_label(
    baseline: Sequence[Prediction], candidate: Sequence[Prediction], truths: Sequence[str | None], threshold: float
) -> list[LabelStats]:
    """Every label that one of the versions has, in alphabetical order; all rows have an entry for each image.

    Labels are the same where their text is. Without a threshold, that is from a score of 0 on, all labels are named.
    """
    first, second = _named(baseline, threshold), _named(candidate, threshold)
    known = np.array([truth if truth is not None else "" for truth in truths])
    return [_stats(label, known == label, first.get(label), second.get(label)) for label in sorted({*first, *second})]


def _named(predictions: Sequence[Prediction], threshold: float) -> dict[str, np.ndarray]:
    """For each label whether it is named, image by image."""
    named: dict[str, np.ndarray] = {}
    for place, prediction in enumerate(predictions):
        for label, value in zip(prediction.labels, prediction.values, strict=True):
            row = named.setdefault(label, np.zeros(len(predictions), bool))
            row[place] |= value >= threshold
    return named


def _stats(label: str, known: np.ndarray, first: np.ndarray | None, second: np.ndarray | None) -> LabelStats:
    same = None if first is None or second is None else float(np.mean(first == second))
    return LabelStats(label, int(known.sum()), _recall(known, first), _recall(known, second), same)


def _recall(known: np.ndarray, named: np.ndarray | None) -> float | None:
    return None if named is None or not known.any() else float(named[known].mean())
