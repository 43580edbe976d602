"""Valid and invalid evaluation.json files in the folder of a version."""

import json
import logging
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from lib.errors import UnusableEvaluation
from lib.serving.models.evaluation_files import read_evaluations
from tests.builders.checked_exports import read_library
from tests.builders.evaluations import MATRIX, make_entry, make_evaluations, make_overall, write_evaluations
from tests.integration.serving.automl.any_calls import ANY_JSON


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder of version colors/v1."""
    folder = tmp_path / "colors" / "v1"
    folder.mkdir(parents=True)
    return folder


def make_changed(**metrics: Any) -> dict[str, Any]:
    """Return the overall evaluation with changed metrics."""
    evaluation = make_overall()
    evaluation["classificationEvaluationMetrics"] |= metrics
    return evaluation


def make_matrix(*rows: list[int]) -> dict[str, Any]:
    return {"annotationSpecId": ["0", "1"], "row": [{"exampleCount": row} for row in rows]}


def test_a_folder_without_the_file_has_no_evaluations(folder: Path) -> None:
    assert read_evaluations(folder) == ()


def test_evaluations_keep_the_order_of_the_file(folder: Path) -> None:
    write_evaluations(folder)

    overall, *of_labels = read_evaluations(folder)

    metrics = overall.classification_evaluation_metrics
    assert [list(row.example_count) for row in metrics.confusion_matrix.row] == MATRIX
    assert metrics.confidence_metrics_entry[0].true_positive_count == 25
    assert [each.annotation_spec_id for each in of_labels] == ["0", "1", "2"]


def test_missing_evaluation_ids_are_generated_and_stable(folder: Path) -> None:
    write_evaluations(folder)
    first = [each.name for each in read_evaluations(folder)]

    write_evaluations(folder, *reversed(make_evaluations()))

    assert [each.name for each in reversed(read_evaluations(folder))] == first
    assert [len(name) for name in first] == [19] * 4
    assert len(set(first)) == 4


def test_the_evaluation_id_in_a_name_is_kept(folder: Path) -> None:
    write_evaluations(folder, make_overall(name="projects/p/locations/us-central1/models/ICN1/modelEvaluations/77"))

    assert read_evaluations(folder)[0].name == "77"


def test_a_missing_creation_time_is_the_modification_time_of_the_file(folder: Path) -> None:
    # 2020-09-13 12:26:40 UTC is 1,600,000,000 seconds after 1970.
    os.utime(write_evaluations(folder), (1.6e9, 1.6e9))

    (overall, *_) = read_evaluations(folder)

    assert overall.create_time.ToDatetime(UTC) == datetime(2020, 9, 13, 12, 26, 40, tzinfo=UTC)


def test_a_creation_time_in_the_file_is_kept(folder: Path) -> None:
    write_evaluations(folder, make_overall(createTime="2019-07-26T21:10:18Z"))

    assert read_evaluations(folder)[0].create_time.ToDatetime(UTC) == datetime(2019, 7, 26, 21, 10, 18, tzinfo=UTC)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"3", b'"x"', b'{"modelEvaluation": 3}', b'{"evaluations": []}', b"\xff", b"[" * 100_000],
)
def test_a_file_that_is_not_a_list_of_evaluations_is_rejected(folder: Path, content: bytes) -> None:
    (folder / "evaluation.json").write_bytes(content)

    with pytest.raises(UnusableEvaluation, match="not a list of evaluations from AutoML"):
        read_evaluations(folder)


def test_an_incomplete_page_of_evaluations_is_rejected(folder: Path) -> None:
    (folder / "evaluation.json").write_text(json.dumps({"modelEvaluation": [make_overall()], "nextPageToken": "1"}))

    with pytest.raises(UnusableEvaluation, match="one page of several"):
        read_evaluations(folder)


@pytest.mark.parametrize(
    ("evaluation", "reason"),
    [
        ({"evaluatedExampleCount": 30}, "has no classificationEvaluationMetrics"),
        ({"translationEvaluationMetrics": {}}, "has no classificationEvaluationMetrics"),
        (make_overall(name="77/"), "does not end in an id"),
        (make_overall(evaluatedExampleCount=-1), "evaluatedExampleCount of -1"),
        (make_changed(auPrc=1.5), "auPrc of 1.5"),
        (make_changed(auRoc="NaN"), "auRoc of nan"),
        (make_changed(logLoss=-1), "logLoss of -1"),
        (make_changed(logLoss="Infinity"), "logLoss of inf"),
        (make_changed(confidenceMetricsEntry=[make_entry(0.5, 2, 0, (1, 1, 1, 1))]), "recall of 2"),
        (make_changed(confidenceMetricsEntry=[make_entry(0.5, 1, 0, (1, 1, 1, -1))]), "trueNegativeCount of -1"),
        (make_changed(confusionMatrix=make_matrix([1, 2])), "not 2 x 2"),
        (make_changed(confusionMatrix=make_matrix([1, 2], [3])), "not 2 x 2"),
        (make_changed(confusionMatrix=make_matrix([1, 2], [3, -4])), "negative counts"),
    ],
)
def test_an_evaluation_with_invalid_values_is_rejected(folder: Path, evaluation: dict[str, Any], reason: str) -> None:
    write_evaluations(folder, evaluation)

    with pytest.raises(UnusableEvaluation, match=f"annotationSpecId '' .*{reason}"):
        read_evaluations(folder)


def test_two_evaluations_of_one_label_are_rejected(folder: Path) -> None:
    write_evaluations(folder, make_overall(name="1"), make_overall(name="2"))

    with pytest.raises(UnusableEvaluation, match="two evaluations have annotationSpecId ''"):
        read_evaluations(folder)


def test_two_evaluations_of_one_name_are_rejected(folder: Path) -> None:
    write_evaluations(folder, make_overall(name="1"), make_overall(name="1", annotationSpecId="5"))

    with pytest.raises(UnusableEvaluation, match="two evaluations are named '1'"):
        read_evaluations(folder)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(metrics=ANY_JSON)
def test_any_metrics_are_read_or_rejected(folder: Path, metrics: Any) -> None:
    write_evaluations(folder, make_overall(classificationEvaluationMetrics=metrics))

    try:
        found = len(read_evaluations(folder))
    except UnusableEvaluation:
        found = 0

    assert found in {0, 1}


def test_a_version_with_an_invalid_evaluation_file_is_served_and_the_error_is_logged(
    models_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (models_dir / "colors" / "v1" / "evaluation.json").write_text("{")

    with caplog.at_level(logging.WARNING):
        library = read_library(models_dir)

    assert [model.evaluations for model in library.models] == [(), ()]
    assert "colors/v1 is served without its evaluation: evaluation.json is not a list" in caplog.text
