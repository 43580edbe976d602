"""Evaluations as the AutoML API words them, in ours."""

from typing import Any

from google.cloud import automl_v1 as automl

from lib.domain.annotations import normalize_label, normalize_labels
from lib.domain.models import ConfusionCounts, Evaluation, OperatingPoint


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
