"""Evaluations and their slices, over HTTP."""

import httpx
import pytest

from lib.serving.service import PredictionService
from tests.builders.vertex_evaluations import CONFUSED, make_evaluation
from tests.integration.serving.vertex.asking import full, model_name, refusal

SCHEMA = "gs://google-cloud-aiplatform/schema/modelevaluation/classification_metrics_1.0.0.yaml"


@pytest.fixture
def evaluated(api: httpx.Client, service: PredictionService) -> str:
    """The name of a version that has evaluations: the second of `colors`."""
    export = next(model for model in service.models if model.version == "v2").export
    make_evaluation(export.model_file.parent)
    return model_name(api, "colors", "2")


def test_a_version_has_one_evaluation_over_all_labels(api: httpx.Client, evaluated: str) -> None:
    (evaluation,) = api.get(full(api, f"{evaluated}/evaluations")).json()["modelEvaluations"]

    assert evaluation["name"].startswith(f"{evaluated}/evaluations/")
    assert (evaluation["metricsSchemaUri"], evaluation["sliceDimensions"]) == (SCHEMA, ["annotationSpec"])
    assert (evaluation["metrics"]["auPrc"], evaluation["createTime"]) == (0.95, "2026-01-02T03:04:05.000006Z")
    assert evaluation["metrics"]["confusionMatrix"]["rows"] == CONFUSED
    assert api.get(full(api, evaluation["name"])).json() == evaluation


def test_an_evaluation_has_a_slice_for_each_label(api: httpx.Client, evaluated: str) -> None:
    (evaluation,) = api.get(full(api, f"{evaluated}/evaluations")).json()["modelEvaluations"]

    slices = api.get(full(api, f"{evaluation['name']}/slices")).json()["modelEvaluationSlices"]

    assert [each["slice"] for each in slices] == [
        {"dimension": "annotationSpec", "value": label} for label in ("red", "green", "blue")
    ]
    assert (slices[1]["metricsSchemaUri"], slices[1]["metrics"]["auRoc"]) == (SCHEMA, 0.99)
    assert api.get(full(api, slices[1]["name"])).json() == slices[1]


def test_slices_are_listed_in_pages(api: httpx.Client, evaluated: str) -> None:
    (evaluation,) = api.get(full(api, f"{evaluated}/evaluations")).json()["modelEvaluations"]

    page = api.get(full(api, f"{evaluation['name']}/slices"), params={"pageSize": 2}).json()

    assert (len(page["modelEvaluationSlices"]), page["nextPageToken"]) == (2, "2")


@pytest.mark.parametrize("version", ["", "v1", "3"])
def test_a_version_without_an_evaluation_file_has_no_evaluation(
    api: httpx.Client, evaluated: str, version: str
) -> None:
    answer = api.get(full(api, f"{model_name(api, 'colors', version)}/evaluations"))

    assert (answer.status_code, answer.json()) == (200, {})


def test_a_model_name_without_a_version_refers_to_the_default_version(
    api: httpx.Client, service: PredictionService
) -> None:
    make_evaluation(next(model for model in service.models if model.version == "Final").export.model_file.parent)
    name = model_name(api, "tags")

    (evaluation,) = api.get(full(api, f"{name}/evaluations")).json()["modelEvaluations"]

    assert evaluation["name"].startswith(f"{name}/evaluations/")
    assert api.get(full(api, evaluation["name"])).json() == evaluation


def test_an_unknown_evaluation_or_slice_is_not_found(api: httpx.Client, evaluated: str) -> None:
    (evaluation,) = api.get(full(api, f"{evaluated}/evaluations")).json()["modelEvaluations"]
    other_version = evaluation["name"].replace("@2/", "@1/")
    names = [other_version, f"{evaluated}/evaluations/1", f"{evaluation['name']}/slices/1", f"{other_version}/slices"]

    answers = [api.get(full(api, name)) for name in names]

    assert [refusal(answer)[1] for answer in answers] == ["NOT_FOUND"] * 4
