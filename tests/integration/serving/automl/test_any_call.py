"""Every request to the REST API gets a valid response or an error in Google's format, never a 500."""

import json
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any

import pytest
from google.rpc import code_pb2
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.serving.automl.rest_front import RestServer
from lib.serving.service import PredictionService
from tests.builders.checked_exports import make_service
from tests.builders.evaluations import write_evaluations
from tests.builders.exports import make_export
from tests.integration.serving.automl.any_calls import (
    LOCATION,
    Call,
    any_calls,
    any_deployments,
    any_params,
    any_payloads,
    any_queries,
    known_calls,
    make_body,
    make_nested,
)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PredictionService]:
    """A service of colors/v1, which was evaluated."""
    models_dir = tmp_path_factory.mktemp("models")
    write_evaluations(make_export(models_dir / "colors" / "v1"))
    service = make_service(models_dir)
    yield service
    service.stop()


@pytest.fixture(scope="module")
def port(service: PredictionService) -> Iterator[int]:
    """The service's REST port."""
    server = RestServer(service.rest_app, "127.0.0.1", 0)
    yield server.port
    server.stop()


@pytest.fixture(scope="module")
def model(service: PredictionService) -> str:
    """Name of colors/v1."""
    return f"{LOCATION}/models/{service.models[0].model_id}"


@pytest.fixture(scope="module")
def names(port: int, service: PredictionService, model: str) -> list[str]:
    """Names of the service's resources: a model, a dataset, an evaluation and an operation."""
    dataset, evaluation = service.models[0].dataset_id, service.models[0].evaluations[0].name
    _, operation = send(port, Call("POST", f"/v1/{model}:deploy", b"{}"))
    return [model, f"{LOCATION}/datasets/{dataset}", f"{model}/modelEvaluations/{evaluation}", operation["name"]]


def send(port: int, call: Call) -> tuple[int, Any]:
    """The status and the JSON of the answer. Raises ValueError for an answer that is not JSON."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(call.verb, call.target, call.body)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def find_fault(status: int, answer: Any) -> str:
    """What is wrong with a response; empty for a valid response or an error in Google's format."""
    if status == 200:
        return "" if isinstance(answer, dict) and "error" not in answer else "a success that is no object"
    error = answer.get("error") if isinstance(answer, dict) else None
    if not isinstance(error, dict) or not isinstance(error.get("message"), str):
        return "no error in Google's form"
    if error.get("code") != status or error.get("status") not in code_pb2.Code.DESCRIPTOR.values_by_name:
        return "an error of another code than its answer"
    return "a fault of the service" if status >= 500 and error["status"] != "UNIMPLEMENTED" else ""


@settings(max_examples=200)
@given(call=any_calls())
def test_any_request_gets_a_response_in_the_format_of_google(port: int, call: Call) -> None:
    assert find_fault(*send(port, call)) == ""


@settings(max_examples=500)
@given(draw=st.data())
def test_any_call_of_an_api_method_gets_a_response_in_the_format_of_google(
    port: int, names: list[str], draw: st.DataObject
) -> None:
    call = draw.draw(known_calls(names))

    assert find_fault(*send(port, call)) == ""


@settings(max_examples=300)
@given(payload=any_payloads(), params=any_params())
def test_any_prediction_request_gets_a_response_in_the_format_of_google(
    port: int, model: str, payload: Any, params: Any
) -> None:
    body = make_body({"payload": payload, "params": params})

    assert find_fault(*send(port, Call("POST", f"/v1/{model}:predict", body))) == ""


@settings(max_examples=200)
@given(metadata=any_deployments())
def test_any_deployment_request_gets_a_response_in_the_format_of_google(port: int, model: str, metadata: Any) -> None:
    body = make_body({"imageClassificationModelDeploymentMetadata": metadata})

    assert find_fault(*send(port, Call("POST", f"/v1beta1/{model}:deploy", body))) == ""


@settings(max_examples=200)
@given(
    query=any_queries(), collection=st.sampled_from(["models", "datasets", "operations", "models/-/modelEvaluations"])
)
def test_any_list_request_gets_a_response_in_the_format_of_google(port: int, query: str, collection: str) -> None:
    assert find_fault(*send(port, Call("GET", f"/v1/{LOCATION}/{collection}?{query}", b""))) == ""


@pytest.mark.parametrize(
    "body",
    [
        make_nested(100_000, "[", "]"),
        make_nested(100_000, '{"payload":', "}"),
        make_nested(2000, '{"payload":', "}"),
        make_nested(100_000, "[", ""),
        b'{"payload": {"image": {"imageBytes": ' + b"1" * 100_000 + b"}}}",
        b'{"params": {"score_threshold": "' + b"9" * 100_000 + b'"}}',
        b'{"params": {"score_threshold": 1e999}}',
        b'{"\\ud800": 1}',
        b'{"params": {"\\udfff": "\\ud800"}}',
        b'{"payload": {"\\ud800": 1}}',
        b'{"name": "\\u0000"}',
        b"\xff\xfe{\x00}\x00",
        b"\xef\xbb\xbf{}",
        b"NaN",
        b"null",
    ],
)
def test_a_hostile_request_body_is_an_invalid_argument(port: int, model: str, body: bytes) -> None:
    status, answer = send(port, Call("POST", f"/v1/{model}:predict", body))

    assert find_fault(status, answer) == ""
    assert (status, answer["error"]["status"]) == (400, "INVALID_ARGUMENT")
