"""Confusion matrices of two versions, and statistics for each label."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from lib.domain.annotations import TrueLabel
from lib.domain.pairs import Pair
from lib.domain.predictions import Prediction

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
    """Counts of labeled images: rows are true labels, columns predicted labels, both in the order of `labels`.

    Both arrays have the shape (labels, labels). NO_LABEL stands for a top score below the threshold. With many labels
    OTHER stands for those that are seldom confused.
    """

    labels: tuple[str, ...]
    baseline: np.ndarray
    candidate: np.ndarray

    @property
    def change(self) -> np.ndarray:
        """The candidate's counts minus the baseline's."""
        change: np.ndarray = self.candidate - self.baseline
        return change

    def index_of(self, label: str) -> int:
        """Return the row and column of a label: its own, or that of OTHER. Raises ValueError if it has none."""
        return self.labels.index(label if label in self.labels else OTHER)


def compute_confusion(pairs: Sequence[Pair], threshold: float) -> Confusion | None:
    """Return the confusion matrices of both versions on the labeled images; None without any."""
    labeled = [pair for pair in pairs if pair.true_label is not None]
    if not labeled:
        return None
    entries = {side: [_find_entry(pair, side, threshold) for pair in labeled] for side in Side}
    labels = _choose_labels([entry for column in entries.values() for entry in column])
    indices = {label: index for index, label in enumerate(labels)}
    other = indices.get(OTHER, 0)
    grids = {side: np.zeros((len(labels), len(labels)), int) for side in Side}
    for side, grid in grids.items():
        rows, columns = zip(*entries[side], strict=True)
        np.add.at(grid, tuple([indices.get(label, other) for label in labels] for labels in (rows, columns)), 1)
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


@dataclass(frozen=True, slots=True)
class LabelStats:
    """Statistics of one label. A version predicts it on an image if its score is at least the threshold.

    `labeled` counts the images with this true label; the recalls are the shares of these on which each version
    predicts it, None if there is no such image or the version does not have the label. `agreement` is the share of all
    images on which both versions predict it or both do not; None if only one version has it.
    """

    label: str
    labeled: int
    baseline_recall: float | None
    candidate_recall: float | None
    agreement: float | None


def compute_label_stats(
    baseline: Sequence[Prediction],
    candidate: Sequence[Prediction],
    true_labels: Sequence[TrueLabel | None],
    threshold: float,
) -> list[LabelStats]:
    """Return a row for each label that a version has, in alphabetical order. All rows have an entry for each image.

    Labels with the same text are the same label. With a threshold of 0, every label of a version is predicted.
    """
    first, second = _find_predicted(baseline, threshold), _find_predicted(candidate, threshold)
    known = [() if label is None else label.labels for label in true_labels]
    return [
        _make_stats(label, np.array([label in labels for labels in known], bool), first.get(label), second.get(label))
        for label in sorted({*first, *second})
    ]


def _find_predicted(predictions: Sequence[Prediction], threshold: float) -> dict[str, np.ndarray]:
    """Return for each label on which images it is predicted: shape (images,)."""
    predicted: dict[str, np.ndarray] = {}
    for index, prediction in enumerate(predictions):
        for label, value in zip(prediction.labels, prediction.values, strict=True):
            row = predicted.setdefault(label, np.zeros(len(predictions), bool))
            row[index] |= value >= threshold
    return predicted


def _make_stats(label: str, has_label: np.ndarray, first: np.ndarray | None, second: np.ndarray | None) -> LabelStats:
    agreement = None if first is None or second is None else float(np.mean(first == second))
    recalls = _compute_recall(has_label, first), _compute_recall(has_label, second)
    return LabelStats(label, int(has_label.sum()), *recalls, agreement)


def _compute_recall(has_label: np.ndarray, predicted: np.ndarray | None) -> float | None:
    return None if predicted is None or not has_label.any() else float(predicted[has_label].mean())
