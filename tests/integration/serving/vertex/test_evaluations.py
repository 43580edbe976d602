"""AutoML evaluations in the format of Vertex AI."""

import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lib.serving.models.served_models import ServedModel
from lib.serving.vertex.vertex_evaluations import VertexEvaluation, load_evaluations
from tests.builders.vertex_evaluations import CONFUSED, make_entry, make_evaluation
from tests.integration.serving.models.test_hostile_exports import make_huge


@pytest.fixture
def folder(models: tuple[ServedModel, ...]) -> Path:
    """The folder of the first model."""
    return models[0].export.model_file.parent


def test_without_a_file_there_are_no_evaluations(models: tuple[ServedModel, ...]) -> None:
    assert load_evaluations(models[0]) == ()


def test_the_overall_evaluation_uses_the_field_names_of_vertex_ai(
    models: tuple[ServedModel, ...], folder: Path
) -> None:
    make_evaluation(folder)

    overall, *by_label = load_evaluations(models[0])

    specs = [{"id": "0", "displayName": "red"}, {"id": "1", "displayName": "green"}, {"id": "2", "displayName": "blue"}]
    at_half = {
        "confidenceThreshold": 0.5,
        "recall": 0.8,
        "precision": 0.9,
        "f1Score": 0.85,
        "falsePositiveRateAt1": 0.1,
        "truePositiveCount": "20",
        "maxPredictions": 2147483647,
    }
    assert overall == VertexEvaluation(
        label_id="",
        label="",
        created_at="2026-01-02T03:04:05.000006Z",
        metrics={
            "auPrc": 0.95,
            "logLoss": 0.25,
            "confidenceMetrics": [{"recall": 1, "precision": 0.4}, at_half],
            "confusionMatrix": {"annotationSpecs": specs, "rows": CONFUSED},
        },
    )
    assert [(each.label_id, each.label) for each in by_label] == [("0", "red"), ("1", "green"), ("2", "blue")]
    assert by_label[0].metrics["auRoc"] == 0.99


def test_missing_metrics_are_omitted(models: tuple[ServedModel, ...], folder: Path) -> None:
    make_evaluation(folder, {"annotationSpecId": "7"})

    (evaluation,) = load_evaluations(models[0])

    moment = models[0].export.changed_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    assert evaluation == VertexEvaluation("7", "7", moment, {})


@pytest.mark.parametrize("matrix", [{"displayName": ["a", "b"]}, {"annotationSpecId": ["a", "b"], "displayName": []}])
def test_confusion_matrix_labels_may_have_only_a_display_name(
    models: tuple[ServedModel, ...], folder: Path, matrix: dict[str, Any]
) -> None:
    make_evaluation(folder, make_entry(confusionMatrix=matrix))

    (evaluation,) = load_evaluations(models[0])

    specs = [{"id": "a", "displayName": "a"}, {"id": "b", "displayName": "b"}]
    assert evaluation.metrics["confusionMatrix"] == {"annotationSpecs": specs, "rows": []}


def test_metrics_that_are_not_numbers_are_omitted(models: tuple[ServedModel, ...], folder: Path) -> None:
    make_evaluation(folder, make_entry(auPrc=float("nan"), auRoc="high", logLoss=True, confidenceMetricsEntry=[]))

    (evaluation,) = load_evaluations(models[0])

    assert evaluation.metrics == {}


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"[]",
        b"\xff",
        b'{"modelEvaluation": 5}',
        b'{"modelEvaluation": [5]}',
        b'{"modelEvaluation": [{"annotationSpecId": 5}]}',
        b'{"modelEvaluation": [{"classificationEvaluationMetrics": {"confusionMatrix": {"row": [1]}}}]}',
    ],
)
def test_an_invalid_file_is_logged_and_has_no_evaluations(
    models: tuple[ServedModel, ...], folder: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    (folder / "evaluation.json").write_bytes(content)

    with caplog.at_level(logging.WARNING):
        assert load_evaluations(models[0]) == ()

    assert "evaluation.json cannot be used" in caplog.text


@pytest.mark.parametrize("make", [make_huge, os.mkfifo, Path.mkdir])
def test_a_file_that_is_huge_or_not_regular_is_logged_and_has_no_evaluations(
    models: tuple[ServedModel, ...],
    folder: Path,
    make: Callable[[Path], object],
    caplog: pytest.LogCaptureFixture,
) -> None:
    make(folder / "evaluation.json")

    with caplog.at_level(logging.WARNING):
        assert load_evaluations(models[0]) == ()

    assert "evaluation.json cannot be used" in caplog.text
