"""The service over REST, standalone and mounted in another app."""

import asyncio
import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount, Route

from lib.errors import InvalidSettings
from lib.serving.automl.rest_front import RestServer
from lib.serving.models.served_models import ServedModel
from lib.serving.service import PredictionService
from tests.builders.checked_exports import make_service
from tests.builders.exports import make_picture

LOCATION = "projects/p/locations/us-central1"


@pytest.fixture
def service(models_dir: Path) -> Iterator[PredictionService]:
    """A service of `models_dir`, with fault models."""
    service = make_service(models_dir, fault_wait_s=0)
    yield service
    service.stop()


@pytest.fixture
def api(service: PredictionService) -> Iterator[httpx.Client]:
    """A client of the service's own HTTP server."""
    server = RestServer(service.rest_app, "127.0.0.1", 0)
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}", trust_env=False, timeout=30) as client:
        yield client
    server.stop()


def make_body(image: bytes | None = None, **params: str) -> dict[str, Any]:
    content = make_picture("red") if image is None else image
    return {"payload": {"image": {"imageBytes": base64.b64encode(content).decode()}}, "params": params}


def path_of(model: ServedModel, version: str = "v1") -> str:
    return f"/{version}/{LOCATION}/models/{model.model_id}"


def fault(service: PredictionService, version: str) -> ServedModel:
    return next(model for model in service.models if (model.family, model.version) == ("faults", version))


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
def test_a_prediction_response_matches_the_automl_documentation(
    api: httpx.Client, service: PredictionService, version: str
) -> None:
    answer = api.post(f"{path_of(service.models[0], version)}:predict", json=make_body())

    # e / (e + 2) as a 32-bit float: see test_served_models.py
    entry = {
        "annotationSpecId": "0",
        "displayName": "red",
        "classification": {"score": pytest.approx(0.576117, abs=1e-6)},
    }
    assert answer.headers["content-type"] == "application/json; charset=UTF-8"
    assert (answer.status_code, answer.json()) == (200, {"payload": [entry]})


def test_models_are_listed_over_rest(api: httpx.Client, service: PredictionService) -> None:
    answer = api.get(f"/v1/{LOCATION}/models", params={"pageSize": "1"}).json()

    assert [f"/v1/{model['name']}" for model in answer["model"]] == [path_of(service.models[0])]
    assert answer["nextPageToken"]


def test_an_error_has_the_json_format_of_google_with_details(api: httpx.Client, service: PredictionService) -> None:
    answer = api.post(f"{path_of(service.models[0])}:predict", json=make_body(score_threshold="2"))

    sentence = "score_threshold must be a number from 0 to 1, got '2'."
    detail = {
        "@type": "type.googleapis.com/google.rpc.BadRequest",
        "fieldViolations": [{"field": "params.score_threshold", "description": sentence}],
    }
    error = {"code": 400, "message": sentence, "status": "INVALID_ARGUMENT", "details": [detail]}
    assert (answer.status_code, answer.json()) == (400, {"error": error})


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
def test_a_numeric_threshold_is_applied(api: httpx.Client, service: PredictionService, version: str) -> None:
    body: dict[str, object] = make_body()
    path = path_of(service.models[0]).replace("/v1/", f"/{version}/")

    answer = api.post(f"{path}:predict", json=body | {"params": {"score_threshold": 0.2}})

    assert [entry["displayName"] for entry in answer.json()["payload"]] == ["red", "green", "blue"]


@pytest.mark.parametrize(
    ("verb", "path", "code", "status"),
    [
        ("GET", "/v1/nothing", 404, "NOT_FOUND"),
        ("GET", f"/v1/{LOCATION}/models/ICN1", 404, "NOT_FOUND"),
        ("GET", f"/v1/{LOCATION}/models/123", 400, "INVALID_ARGUMENT"),
        ("POST", f"/v1/{LOCATION}/models", 501, "UNIMPLEMENTED"),
        ("GET", f"/v1beta1/{LOCATION}/datasets/ICN1/tableSpecs", 501, "UNIMPLEMENTED"),
        ("GET", f"/v1/{LOCATION}/models?alt=proto", 400, "INVALID_ARGUMENT"),
    ],
)
def test_an_invalid_request_gets_an_error_in_the_format_of_google(
    api: httpx.Client, verb: str, path: str, code: int, status: str
) -> None:
    answer = api.request(verb, path)

    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["status"]) == (code, code, status)
    assert error["details"]


def test_an_undeployed_model_does_not_predict(api: httpx.Client, service: PredictionService) -> None:
    path = path_of(service.models[0])

    operation = api.post(f"{path}:undeploy", json={}).json()
    answer = api.post(f"{path}:predict", json=make_body())

    assert operation["done"] is True
    assert api.get(f"/v1/{operation['name']}").json() == operation
    assert api.get(path).json()["deploymentState"] == "UNDEPLOYED"
    assert (answer.status_code, answer.json()["error"]["status"]) == (400, "FAILED_PRECONDITION")


def test_fault_models_fail_over_rest(api: httpx.Client, service: PredictionService) -> None:
    answers = [
        api.post(f"{path_of(fault(service, name))}:predict", json=make_body())
        for name in ("busy", "flaky", "flaky", "flaky", "slow")
    ]

    assert [answer.status_code for answer in answers] == [429, 503, 503, 200, 200]
    assert answers[0].json()["error"]["details"][0]["retryDelay"] == "1s"


def test_a_dropped_connection_truncates_the_rest_response(api: httpx.Client, service: PredictionService) -> None:
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
        api.post(f"{path_of(fault(service, 'dropped'))}:predict", json=make_body())


def test_an_oversized_body_is_rejected_with_a_json_error(api: httpx.Client, service: PredictionService) -> None:
    chunks = (bytes(1 << 20) for _ in range(181))

    answer = api.post(f"{path_of(service.models[0])}:predict", content=chunks)

    assert (answer.status_code, answer.json()["error"]["code"]) == (413, 413)


def test_the_service_can_be_mounted_in_another_app(service: PredictionService) -> None:
    rest = service.rest_app
    routes = [Mount("/v1", rest), Route("/v1beta1/{rest:path}", rest, methods=["GET", "POST"])]
    transport = httpx.ASGITransport(Starlette(routes=routes))

    async def ask(path: str) -> int:
        async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
            return (await client.get(path)).status_code

    assert [asyncio.run(ask(path_of(service.models[0], version))) for version in ("v1", "v1beta1")] == [200, 200]


def test_a_client_that_disconnects_during_a_call_causes_no_error(service: PredictionService) -> None:
    sent: list[Any] = []

    async def receive() -> dict[str, str]:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/v1/x", "headers": [], "query_string": b""}
    asyncio.run(service.rest_app(scope, receive, send))

    assert sent == []


def test_an_http_port_in_use_is_reported_as_invalid_settings(service: PredictionService) -> None:
    server = RestServer(service.rest_app, "127.0.0.1", 0)

    with pytest.raises(InvalidSettings, match=rf"REST cannot listen on 127.0.0.1:{server.port}\. .*choose another"):
        RestServer(service.rest_app, "127.0.0.1", server.port)
    server.stop()


def test_the_body_is_parsed_as_json_regardless_of_its_content_type(
    api: httpx.Client, service: PredictionService
) -> None:
    content = json.dumps(make_body())

    answer = api.post(f"{path_of(service.models[0])}:predict", content=content, headers={"content-type": "text/plain"})

    assert answer.status_code == 200
