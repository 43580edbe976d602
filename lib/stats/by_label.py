"""Each label for itself, for models that may give an image several."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lib.domain.predictions import Prediction


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
