"""Confusion matrices of two versions."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from lib.domain.pairs import Pair

NO_LABEL = "(no label)"
OTHER = "(other)"
MAX_LABELS = 25


class Side(Enum):
    """One of the two versions."""

    BASELINE = "baseline"
    CANDIDATE = "candidate"


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a confusion matrix: the row of the true label and the column of the predicted label.

    Without a `side` it is a cell of the change, for images that only one version puts there.
    """

    true_label: int
    predicted_label: int
    side: Side | None


@dataclass(frozen=True, slots=True)
class Confusion:
    """Numbers of images: rows are true labels, columns predicted labels, both in the order of `labels`.

    Both arrays have the shape (labels, labels). Their numbers are estimates, and not whole, where labeled images stand
    for others, too. NO_LABEL stands for a top score below the threshold. With many labels OTHER stands for those that
    are seldom confused.
    """

    labels: tuple[str, ...]
    baseline: np.ndarray
    candidate: np.ndarray

    @property
    def change(self) -> np.ndarray:
        """The candidate's numbers minus the baseline's."""
        change: np.ndarray = self.candidate - self.baseline
        return change

    def index_of(self, label: str) -> int:
        """Return the row and column of a label: its own, or that of OTHER. Raises ValueError if it has none."""
        return self.labels.index(label if label in self.labels else OTHER)


def compute_confusion(pairs: Sequence[Pair], threshold: float, weights: np.ndarray | None = None) -> Confusion | None:
    """Return the confusion matrices of both versions on the labeled images; None without any.

    With `weights`, all images are labeled, and each stands for as many.
    """
    labeled = [pair for pair in pairs if pair.true_label is not None]
    if not labeled:
        return None
    entries = {side: [_find_entry(pair, side, threshold) for pair in labeled] for side in Side}
    labels = _choose_labels([entry for column in entries.values() for entry in column])
    indices = {label: index for index, label in enumerate(labels)}
    other = indices.get(OTHER, 0)
    grids = {side: np.zeros((len(labels), len(labels))) for side in Side}
    for side, grid in grids.items():
        rows, columns = zip(*entries[side], strict=True)
        cells = tuple([indices.get(label, other) for label in labels] for labels in (rows, columns))
        np.add.at(grid, cells, 1 if weights is None else weights)
    return Confusion(labels, grids[Side.BASELINE], grids[Side.CANDIDATE])


def find_cell_pairs(pairs: Sequence[Pair], confusion: Confusion, threshold: float, cell: Cell) -> list[Pair]:
    """Return the images that the cell counts or, for a cell of the change, those that only one version puts there."""

    def is_in_cell(pair: Pair, side: Side) -> bool:
        row, column = (confusion.index_of(label) for label in _find_entry(pair, side, threshold))
        return (row, column) == (cell.true_label, cell.predicted_label)

    labeled = [pair for pair in pairs if pair.true_label is not None]
    if cell.side is not None:
        return [pair for pair in labeled if is_in_cell(pair, cell.side)]
    return [pair for pair in labeled if is_in_cell(pair, Side.BASELINE) != is_in_cell(pair, Side.CANDIDATE)]


def _find_entry(pair: Pair, side: Side, threshold: float) -> tuple[str, str]:
    """Return true and predicted label of a labeled image; of several acceptable labels, the one that was predicted."""
    prediction = pair.baseline if side is Side.BASELINE else pair.candidate
    label = prediction.label_at(threshold)
    predicted = NO_LABEL if label is None else label
    if pair.true_label is None or pair.true_label.accepts(label):
        return predicted, predicted
    return next(iter(pair.true_label.labels), NO_LABEL), predicted


def _choose_labels(entries: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """Return all labels in alphabetical order or, if there are too many, the most confused ones and OTHER."""
    seen = {label for entry in entries for label in entry}
    last = [NO_LABEL] if NO_LABEL in seen else []
    labels = seen - {NO_LABEL}
    if len(labels) + len(last) <= MAX_LABELS:
        return (*sorted(labels), *last)
    mistakes = Counter(
        label
        for true_label, predicted_label in entries
        if true_label != predicted_label
        for label in (true_label, predicted_label)
    )
    room = MAX_LABELS - 1 - len(last)
    kept = sorted(labels - {OTHER}, key=lambda label: (-mistakes[label], label))[:room]
    return (*sorted(kept), OTHER, *last)
