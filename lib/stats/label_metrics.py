"""Precision, recall and false alarms of each label."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lib.domain.annotations import TrueLabel
from lib.domain.predictions import Prediction
from lib.stats.intervals import EstimatedShare, Weighting, weighted_share


@dataclass(frozen=True, slots=True)
class LabelMetrics:
    """How well a version recognizes a label.

    `precision` is the share of its predictions of the label that are right, `recall` the share of images with this true
    label on which it predicts the label; each None where there is no such image. `false_alarms` counts labeled images
    on which it predicts the label, and the label does not apply.
    """

    precision: EstimatedShare | None
    recall: EstimatedShare | None
    false_alarms: int


@dataclass(frozen=True, slots=True)
class LabelStats:
    """Metrics of one label; None for a version that does not know it. `labeled` images have it as true label."""

    label: str
    labeled: int
    baseline: LabelMetrics | None
    candidate: LabelMetrics | None


@dataclass(frozen=True, slots=True)
class LabeledPredictions:
    """Predictions of both versions on labeled images, with true labels and weighting: one entry for each image."""

    baseline: Sequence[Prediction]
    candidate: Sequence[Prediction]
    true_labels: Sequence[TrueLabel]
    weighting: Weighting


def compute_label_stats(labeled: LabeledPredictions, threshold: float, *, top_only: bool) -> list[LabelStats]:
    """Return a row for each label that a version knows, in alphabetical order.

    A version predicts every label with a score of at least `threshold` or, with `top_only`, the top label alone. Labels
    with the same text are the same label.
    """
    sides = (labeled.baseline, labeled.candidate)
    first, second = (_find_predicted(side, threshold, top_only=top_only) for side in sides)
    rows = []
    for label in sorted({*first, *second}):
        applies = np.array([label in true_label.labels for true_label in labeled.true_labels], bool)
        metrics = (_measure(applies, side.get(label), labeled.weighting) for side in (first, second))
        rows.append(LabelStats(label, int(applies.sum()), *metrics))
    return rows


def _measure(applies: np.ndarray, predicted: np.ndarray | None, weighting: Weighting) -> LabelMetrics | None:
    if predicted is None:
        return None
    return LabelMetrics(
        weighted_share(applies[predicted], weighting[predicted]),
        weighted_share(predicted[applies], weighting[applies]),
        int(np.sum(predicted & ~applies)),
    )


def _find_predicted(predictions: Sequence[Prediction], threshold: float, *, top_only: bool) -> dict[str, np.ndarray]:
    """Return for each label on which images it is predicted: shape (images,)."""
    predicted: dict[str, np.ndarray] = {}
    for index, prediction in enumerate(predictions):
        top = prediction.top.label if prediction.top else None
        for label, value in zip(prediction.labels, prediction.values, strict=True):
            row = predicted.setdefault(label, np.zeros(len(predictions), bool))
            row[index] |= value >= threshold and (not top_only or label == top)
    return predicted
