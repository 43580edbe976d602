"""Predictions, over HTTP."""

import base64
from typing import Any

import httpx
import pytest

from tests.builders.exports import make_picture
from tests.integration.serving.vertex.asking import (
    LOCATION,
    deploy,
    endpoint_of,
    full,
    make_endpoint,
    make_instances,
    model_name,
    refusal,
)


def predict(api: httpx.Client, endpoint: str, **parameters: Any) -> httpx.Response:
    return api.post(f"{endpoint}:predict", json={"instances": make_instances(), "parameters": parameters})


def test_a_prediction_response_matches_the_vertex_documentation(api: httpx.Client) -> None:
    endpoint = endpoint_of(api, "colors-v2")

    answer = predict(api, endpoint)

    # Logits 1, 0 and 0: e / (e + 2) and 1 / (e + 2), as in test_served_models.py.
    assert answer.json() == {
        "predictions": [
            {
                "ids": ["0", "1", "2"],
                "displayNames": ["red", "green", "blue"],
                "confidences": pytest.approx([0.576117, 0.211942, 0.211942], abs=1e-6),
            }
        ],
        "deployedModelId": api.get(endpoint).json()["deployedModels"][0]["id"],
        "model": model_name(api, "colors"),
        "modelDisplayName": "colors",
        "modelVersionId": "2",
    }


@pytest.mark.parametrize(
    ("parameters", "names"),
    [
        ({"maxPredictions": 1}, ["red"]),
        ({"maxPredictions": "2"}, ["red", "green"]),
        ({"max_predictions": 2.0}, ["red", "green"]),
        ({"confidenceThreshold": 0.5}, ["red"]),
        ({"confidence_threshold": 0.2, "maxPredictions": 1000}, ["red", "green", "blue"]),
        ({"confidenceThreshold": 1}, []),
    ],
)
def test_parameters_select_the_returned_labels(api: httpx.Client, parameters: dict[str, Any], names: list[str]) -> None:
    answer = predict(api, endpoint_of(api, "colors-v1"), **parameters)

    assert answer.json()["predictions"][0]["displayNames"] == names


@pytest.mark.parametrize(
    "parameters",
    [
        {"confidenceThreshold": 1.1},
        {"confidenceThreshold": -0.1},
        {"confidenceThreshold": "0.5"},
        {"maxPredictions": 0},
        {"maxPredictions": 1.5},
        {"maxPredictions": True},
        {"maxPredictions": 2**31},
    ],
)
def test_parameters_out_of_range_are_rejected(api: httpx.Client, parameters: dict[str, Any]) -> None:
    assert refusal(predict(api, endpoint_of(api, "colors-v1"), **parameters))[:2] == (400, "INVALID_ARGUMENT")


@pytest.mark.parametrize(
    ("instances", "reason"),
    [
        ([], "one per request, got 0"),
        (make_instances() * 2, "one per request, got 2"),
        (["text"], "must be a JSON object"),
        ([{}], "content is required"),
        ([{"content": 5}], "must be a string"),
        ([{"content": "not base64!"}], "not base64"),
        ([{"content": "data:image/jpeg;base64,/9j/4A=="}], "is a data: URL. Send only the part after the comma"),
        ([{"content": "gs://bucket/image.png"}], "Cloud Storage"),
        ([{"content": base64.b64encode(b"no image").decode()}], "not an image"),
        (make_instances(make_picture()[:50]), "damaged or incomplete"),
        ([make_instances()[0] | {"mimeType": "image/heic"}], "not a supported image type"),
        ("text", "must be a list"),
    ],
)
def test_a_request_without_exactly_one_image_is_rejected(api: httpx.Client, instances: Any, reason: str) -> None:
    answer = api.post(f"{endpoint_of(api, 'colors-v1')}:predict", json={"instances": instances})

    code, status, message = refusal(answer)
    assert (code, status) == (400, "INVALID_ARGUMENT")
    assert reason in message
    assert answer.json()["error"]["details"][0]["fieldViolations"][0]["field"].startswith("instances")


def test_an_endpoint_without_traffic_returns_the_vertex_error_message(api: httpx.Client) -> None:
    endpoint = make_endpoint(api)

    message = f"Endpoint {endpoint.removeprefix('/endpoints/')} doesn't have traffic_split."
    assert refusal(predict(api, endpoint)) == (400, "FAILED_PRECONDITION", message)


def test_an_unknown_endpoint_is_not_found(api: httpx.Client) -> None:
    assert refusal(predict(api, "/endpoints/1"))[:2] == (404, "NOT_FOUND")


def test_calls_follow_the_traffic_split_of_the_endpoint(api: httpx.Client) -> None:
    endpoint = make_endpoint(api)
    first = deploy(api, endpoint, model_name(api, "colors", "v1"), new=100)["response"]["deployedModel"]["id"]
    deploy(api, endpoint, model_name(api, "tags"), new=25, **{f"d{first}": 75})

    answers = [predict(api, endpoint).json()["modelDisplayName"] for _ in range(100)]

    assert (answers.count("colors"), answers.count("tags")) == (75, 25)
    assert "tags" in answers[:10]


@pytest.mark.parametrize(
    ("size_bytes", "status"), [(1_500_000, "INVALID_ARGUMENT"), (1_500_001, "FAILED_PRECONDITION")]
)
def test_a_request_over_1_5_mb_gets_the_vertex_error_message(api: httpx.Client, size_bytes: int, status: str) -> None:
    content = b'{"instances": [{"content": "' + b"A" * (size_bytes - 32) + b'"}]}'

    answer = api.post(f"{endpoint_of(api, 'colors-v1')}:predict", content=content)

    assert len(content) == size_bytes
    assert refusal(answer)[:2] == (400, status)
    assert ("exceeds 1.500MB limit" in answer.text) == (status == "FAILED_PRECONDITION")


def test_the_error_states_the_size_of_an_oversized_request(api: httpx.Client) -> None:
    answer = api.post("/endpoints/1:predict", content=bytes(1_857_939))

    assert refusal(answer)[2] == "The request size (1857939 bytes) exceeds 1.500MB limit."


def test_fault_models_fail_through_vertex_predictions(api: httpx.Client) -> None:
    names = ("faults-busy", "faults-flaky", "faults-flaky", "faults-flaky", "faults-slow")

    answers = [predict(api, endpoint_of(api, name)) for name in names]

    assert [answer.status_code for answer in answers] == [429, 503, 503, 200, 200]
    assert answers[0].headers["retry-after"] == "1"
    assert answers[0].json()["error"]["details"][0]["retryDelay"] == "1s"


def test_a_dropped_connection_truncates_the_vertex_response(api: httpx.Client) -> None:
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
        predict(api, endpoint_of(api, "faults-dropped"))


def test_a_model_predicts_under_every_project(api: httpx.Client) -> None:
    endpoint = endpoint_of(api, "tags-Final")

    answer = predict(api, full(api, f"projects/other/locations/europe-west4{endpoint}"))

    assert LOCATION not in answer.json()["model"]
    assert answer.json()["model"].startswith("projects/other/locations/europe-west4/models/")
