"""Checked values from responses: predictions and evaluations."""

from collections.abc import Sequence
from math import isnan
from typing import Any

from google.cloud import automl_v1 as automl

from lib.domain.annotations import normalize_label, normalize_labels
from lib.domain.models import ConfusionCounts, Evaluation, OperatingPoint
from lib.domain.predictions import Prediction
from lib.errors import InvalidResponse

# 32-bit floats, some of them as decimals: rounding may push one slightly out of range.
_TOLERANCE = 1e-6


def read_prediction(
    provider: str, version: str, labels: Sequence[str], values: Sequence[float], *, truncated: bool = False
) -> Prediction:
    """Return a version's prediction. Raises InvalidResponse unless there is one number from 0 to 1 for each label."""
    if len(labels) != len(values):
        raise make_invalid_response(provider, version, f"{len(values)} scores for {len(labels)} labels")
    # Three fast checks of a thousand scores: only the sum is sure to notice NaN.
    if values and (isnan(sum(values)) or min(values) < 0.0 or max(values) > 1.0):
        values = [_read_score(provider, version, value) for value in values]
    return Prediction(normalize_labels(labels), tuple(values), truncated=truncated)


def make_invalid_response(provider: str, version: str, content: str) -> InvalidResponse:
    """Return the error for a response with `content`, such as `a score of nan`."""
    subject = provider[:1].upper() + provider[1:]
    return InvalidResponse(
        f"{subject} returned {content} for {version}. Scores must be numbers from 0 to 1, one for each label."
        " The model is faulty: export or train it again."
    )


def _read_score(provider: str, version: str, value: float) -> float:
    if not -_TOLERANCE <= value <= 1.0 + _TOLERANCE:  # true for NaN, too
        raise make_invalid_response(provider, version, f"a score of {value:g}")
    return min(1.0, max(0.0, value))


def read_evaluations(messages: list[automl.ModelEvaluation]) -> list[Evaluation]:
    """Return a version's evaluations: over all labels first, then label by label in alphabetical order."""
    labels = {message.annotation_spec_id: message.display_name for message in messages}
    found = [_read(message, labels) for message in messages]
    return sorted(found, key=lambda evaluation: (evaluation.label is not None, evaluation.label or ""))


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
    # Newer responses have the names; older ones have ids only.
    named = tuple(matrix.display_name) or tuple(labels.get(id_) or id_ for id_ in matrix.annotation_spec_id)
    return ConfusionCounts(normalize_labels(named), tuple(tuple(row.example_count) for row in matrix.row))
