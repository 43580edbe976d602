"""Labels that differ only in how they are written: by case, blanks, underscores or hyphens."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from lib.domain.annotations import Annotation, TrueLabel
from lib.domain.pairs import Pair, PredictionSummary
from lib.domain.predictions import Prediction

_SEPARATORS = re.compile(r"[\s_-]+")

SameLabels: TypeAlias = tuple[str, ...]
"""Labels that are treated as the same; the first stands for all."""


def find_similar_labels(labels: Iterable[str]) -> list[SameLabels]:
    """Return the groups of different labels that are written alike, each in alphabetical order."""
    by_key: dict[str, set[str]] = {}
    for label in labels:
        key = _SEPARATORS.sub("", unicodedata.normalize("NFC", label)).casefold()
        by_key.setdefault(key, set()).add(label)
    return sorted(tuple(sorted(group)) for group in by_key.values() if len(group) > 1)


def merge_groups(groups: Iterable[SameLabels]) -> tuple[SameLabels, ...]:
    """Return the groups with those joined that have a label in common, each in alphabetical order."""
    merged: list[set[str]] = []
    for group in groups:
        joined = set(group).union(*(other for other in merged if not other.isdisjoint(group)))
        merged = [other for other in merged if other.isdisjoint(joined)]
        merged.append(joined)
    return tuple(sorted(tuple(sorted(group)) for group in merged))


def list_labels(pairs: Iterable[Pair]) -> set[str]:
    """Return all predicted and true labels of the images."""
    labels: set[str] = set()
    for pair in pairs:
        predicted = (pair.baseline.label, pair.candidate.label)
        labels.update(label for label in predicted if label is not None)
        labels.update(pair.true_label.labels if pair.true_label else ())
    return labels


def merge_labels(pairs: Sequence[Pair], groups: Sequence[SameLabels]) -> list[Pair]:
    """Return the images with the first label of a group wherever any label of it stands."""
    names = {label: group[0] for group in groups for label in group}
    if not names:
        return list(pairs)
    return [
        replace(
            pair,
            true_label=_rename_true_label(pair.true_label, names),
            baseline=_rename(pair.baseline, names),
            candidate=_rename(pair.candidate, names),
        )
        for pair in pairs
    ]


def merge_predicted_labels(prediction: Prediction, groups: Sequence[SameLabels]) -> Prediction:
    """Return the prediction with the first label of a group wherever any label of it stands."""
    names = {label: group[0] for group in groups for label in group}
    return replace(prediction, labels=tuple(names.get(label, label) for label in prediction.labels))


def _rename(prediction: PredictionSummary, names: Mapping[str, str]) -> PredictionSummary:
    label = prediction.label
    return prediction if label is None else replace(prediction, label=names.get(label, label))


def merge_annotations(annotations: Sequence[Annotation], groups: Sequence[SameLabels]) -> list[Annotation]:
    """Return the annotations with the first label of a group wherever any label of it stands."""
    names = {label: group[0] for group in groups for label in group}
    return [replace(each, label=_rename_true_label(each.label, names)) if names else each for each in annotations]


def _rename_true_label(true_label: TrueLabel | None, names: Mapping[str, str]) -> TrueLabel | None:
    if true_label is None:
        return None
    return TrueLabel(tuple(dict.fromkeys(names.get(label, label) for label in true_label.labels)))
