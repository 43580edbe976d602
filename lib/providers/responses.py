"""Checked values out of what services answer: predictions and evaluations."""

from collections.abc import Sequence
from math import isnan
from typing import Any

from google.cloud import automl_v1 as automl

from lib.domain.annotations import normalize_label, normalize_labels
from lib.domain.models import ConfusionCounts, Evaluation, OperatingPoint
from lib.domain.predictions import Prediction
from lib.errors import UnusableAnswer

# 32-bit floats, some of them written out: rounding may carry one a hair out of its range.
_HAIR = 1e-6


def read_prediction(
    provider: str, version: str, labels: Sequence[str], values: Sequence[float], *, truncated: bool = False
) -> Prediction:
    """The prediction of a version. Raises UnusableAnswer where there is not one number from 0 to 1 for each label."""
    if len(labels) != len(values):
        raise unusable(provider, version, f"{len(values)} scores for {len(labels)} labels")
    # Three quick looks at a row of a thousand: only the sum surely notices a value that is not a number.
    if values and (isnan(sum(values)) or min(values) < 0.0 or max(values) > 1.0):
        values = [_read_score(provider, version, value) for value in values]
    return Prediction(normalize_labels(labels), tuple(values), truncated=truncated)


def unusable(provider: str, version: str, what: str) -> UnusableAnswer:
    """The error for an answer of `what`, such as `a score of nan`."""
    subject = provider[:1].upper() + provider[1:]
    return UnusableAnswer(
        f"{subject} answered for {version} with {what}. Scores must be numbers from 0 to 1, one for each label."
        " The fault is in the model. Export or train it again."
    )


def _read_score(provider: str, version: str, value: float) -> float:
    if not -_HAIR <= value <= 1.0 + _HAIR:  # this way round, it also finds what is not a number
        raise unusable(provider, version, f"a score of {value:g}")
    return min(1.0, max(0.0, value))


def read_evaluations(messages: list[automl.ModelEvaluation]) -> list[Evaluation]:
    """The evaluations of a version: the one over all labels first, then label by label in the order of the alphabet."""
    labels = {message.annotation_spec_id: message.display_name for message in messages}
    found = [_read(message, labels) for message in messages]
    return sorted(found, key=lambda each: (each.label is not None, each.label or ""))


def _read(message: automl.ModelEvaluation, labels: dict[str, str]) -> Evaluation:
    metrics = message.classification_evaluation_metrics
    points = [
        OperatingPoint(entry.confidence_threshold, entry.precision, entry.recall)
        for entry in metrics.confidence_metrics_entry
    ]
    return Evaluation(
        label=normalize_label(message.display_name or message.annotation_spec_id)
        if message.annotation_spec_id
        else None,
        examples=message.evaluated_example_count or None,
        au_prc=metrics.au_prc,
        au_roc=metrics.au_roc or None,
        log_loss=metrics.log_loss or None,
        points=tuple(sorted(points, key=lambda point: point.threshold)),
        confusion=_read_confusion(metrics.confusion_matrix, labels),
    )


def _read_confusion(matrix: Any, labels: dict[str, str]) -> ConfusionCounts | None:
    if not matrix.row:
        return None
    # Newer answers carry the names; in all others the ids lead to them.
    named = tuple(matrix.display_name) or tuple(labels.get(id_) or id_ for id_ in matrix.annotation_spec_id)
    return ConfusionCounts(normalize_labels(named), tuple(tuple(row.example_count) for row in matrix.row))
