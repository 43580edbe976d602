"""Models and their versions, over HTTP."""

import httpx
import pytest

from lib.serving.service import PredictionService
from tests.integration.serving.vertex.asking import LOCATION, full, model_name, refusal

SCHEMAS = "https://storage.googleapis.com/google-cloud-aiplatform/schema"


def test_a_family_is_one_model(api: httpx.Client) -> None:
    models = api.get("/models").json()["models"]

    assert [(model["displayName"], model["versionDescription"]) for model in models] == [
        ("colors", "v1"),
        ("faults", "busy"),
        ("tags", "Final"),
    ]
    assert all(model["name"].removeprefix(f"{LOCATION}/models/").isdecimal() for model in models)


def test_a_model_response_matches_the_vertex_documentation(api: httpx.Client, service: PredictionService) -> None:
    name = model_name(api, "tags")
    export = next(model for model in service.models if model.family == "tags").export

    model = api.get(full(api, name)).json()

    moment = export.changed_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    training = api.get(full(api, model.pop("trainingPipeline"))).json()
    assert training["trainingTaskInputs"] == {"modelType": "MOBILE_TF_LOW_LATENCY_1", "multiLabel": True}
    (place,) = model.pop("deployedModels")
    assert api.get(full(api, place["endpoint"])).json()["deployedModels"][0]["id"] == place["deployedModelId"]
    assert model == {
        "name": name,
        "versionId": "1",
        "versionAliases": ["default"],
        "versionCreateTime": moment,
        "versionUpdateTime": moment,
        "displayName": "tags",
        "versionDescription": "Final",
        "predictSchemata": {
            "instanceSchemaUri": f"{SCHEMAS}/predict/instance/image_classification_1.0.0.yaml",
            "parametersSchemaUri": f"{SCHEMAS}/predict/params/image_classification_1.0.0.yaml",
            "predictionSchemaUri": f"{SCHEMAS}/predict/prediction/classification_1.0.0.yaml",
        },
        "metadataSchemaUri": f"{SCHEMAS}/model/metadata/automl_image_classification_1.0.0.yaml",
        "metadata": {"modelType": "MOBILE_TF_LOW_LATENCY_1"},
        "supportedExportFormats": [{"id": "tflite", "exportableContents": ["ARTIFACT"]}],
        "supportedDeploymentResourcesTypes": ["AUTOMATIC_RESOURCES"],
        "createTime": moment,
        "updateTime": moment,
        "etag": export.etag,
        "modelSourceInfo": {"sourceType": "AUTOML"},
    }


def test_versions_are_listed_in_natural_order_with_ids_in_their_names(api: httpx.Client) -> None:
    name = model_name(api, "colors")

    versions = api.get(full(api, f"{name}:listVersions")).json()["models"]

    assert [version["versionDescription"] for version in versions] == ["v1", "v2", "v10"]
    assert [version["name"] for version in versions] == [f"{name}@1", f"{name}@2", f"{name}@3"]
    assert [version["versionAliases"] for version in versions] == [["default", "v1"], ["v2"], ["v10"]]


def test_an_unknown_training_pipeline_is_not_found(api: httpx.Client) -> None:
    answer = api.get("trainingPipelines/404")

    assert (answer.status_code, answer.json()["error"]["status"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize(("asked", "version_id"), [("3", "3"), ("v10", "3"), ("default", "1"), ("v2", "2"), ("2", "2")])
def test_a_version_is_found_by_number_and_by_alias(api: httpx.Client, asked: str, version_id: str) -> None:
    model = api.get(full(api, model_name(api, "colors", asked))).json()

    assert (model["versionId"], model["name"]) == (version_id, model_name(api, "colors", version_id))


@pytest.mark.parametrize(
    ("path", "missing"),
    [
        ("/models/1", "Model `1`"),
        ("/models/ICN1", "Model `ICN1`"),
        ("/models/1:listVersions", "Model `1`"),
        ("/models/1@2", "Model `1`"),
    ],
)
def test_an_unknown_model_is_not_found(api: httpx.Client, path: str, missing: str) -> None:
    assert refusal(api.get(path)) == (404, "NOT_FOUND", f"{missing} not found.")


@pytest.mark.parametrize("version", ["4", "0", "golden", "Final"])
def test_an_unknown_version_is_not_found(api: httpx.Client, version: str) -> None:
    name = model_name(api, "colors", version)

    assert refusal(api.get(full(api, name)))[:2] == (404, "NOT_FOUND")


def test_models_are_listed_in_pages(api: httpx.Client) -> None:
    first = api.get("/models", params={"pageSize": 2}).json()
    second = api.get("/models", params={"pageSize": 2, "pageToken": first["nextPageToken"]}).json()

    assert [model["displayName"] for model in first["models"]] == ["colors", "faults"]
    assert [model["displayName"] for model in second["models"]] == ["tags"]
    assert "nextPageToken" not in second


@pytest.mark.parametrize(
    "query",
    [
        {"pageSize": "-1"},
        {"pageSize": "two"},
        {"pageToken": "x"},
        {"filter": "labels.env=prod"},
        {"filter": "display_name"},
        {"orderBy": "display_name"},
        {"color": "red"},
    ],
)
def test_an_invalid_query_is_rejected(api: httpx.Client, query: dict[str, str]) -> None:
    assert refusal(api.get("/models", params=query))[:2] == (400, "INVALID_ARGUMENT")


def test_standard_google_query_parameters_are_ignored(api: httpx.Client) -> None:
    answer = api.get("/models", params={"alt": "json", "prettyPrint": "false", "$alt": "json;enum-encoding=int"})

    assert answer.status_code == 200
