"""Conversion between JSON and API messages."""

import base64
import json
import subprocess
import sys
from typing import Any

import pytest
from google.cloud.automl_v1 import types
from google.longrunning import operations_pb2

from lib.serving.api_errors import ApiError
from lib.serving.automl.deployment_states import start_period
from lib.serving.automl.http_rules import Route, get_route
from lib.serving.automl.operations import OperationMethods
from lib.serving.automl.transcoding import read_request, write_response
from lib.serving.http_requests import check_response_format
from lib.settings import ROOT

LOCATION = "projects/p/locations/eu"
PREDICT = get_route("POST", f"/v1/{LOCATION}/models/ICN1:predict")
PREDICT_BETA = get_route("POST", f"/v1beta1/{LOCATION}/models/ICN1:predict")
LIST_MODELS = get_route("GET", f"/v1/{LOCATION}/models")


def read_predict(body: bytes) -> Any:
    return read_request(types.PredictRequest.pb(), PREDICT, {}, body)


def read_list(**query: str) -> Any:
    return read_request(types.ListModelsRequest.pb(), LIST_MODELS, query, b"")


def test_the_body_and_the_path_are_merged_into_one_request() -> None:
    body = {"payload": {"image": {"imageBytes": "/9j/4A=="}}, "params": {"score_threshold": "0.2"}}

    request = read_predict(json.dumps(body).encode())

    assert request.name == f"{LOCATION}/models/ICN1"
    assert request.payload.image.image_bytes == b"\xff\xd8\xff\xe0"
    assert dict(request.params) == {"score_threshold": "0.2"}


@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_standard_and_url_safe_base64_are_accepted(encode: Any) -> None:
    content = bytes(range(256))
    body = {"payload": {"image": {"image_bytes": encode(content).decode()}}}

    assert read_predict(json.dumps(body).encode()).payload.image.image_bytes == content


def test_the_path_overrides_a_name_in_the_body() -> None:
    assert read_predict(b'{"name": "projects/other"}').name == f"{LOCATION}/models/ICN1"


def test_an_empty_body_is_an_empty_message() -> None:
    assert read_predict(b"").name == f"{LOCATION}/models/ICN1"


@pytest.mark.parametrize("route", [PREDICT, PREDICT_BETA])
@pytest.mark.parametrize(("number", "text"), [("0", "0"), ("0.25", "0.25"), ("1e-7", "1e-07"), ('"0.2"', "0.2")])
def test_a_threshold_may_be_a_number(route: Route, number: str, text: str) -> None:
    body = f'{{"params": {{"score_threshold": {number}}}}}'.encode()

    request = read_request(types.PredictRequest.pb(), route, {}, body)

    assert dict(request.params) == {"score_threshold": text}


@pytest.mark.parametrize("value", ["true", "null", "[0.5]", '{"value": 0.5}'])
def test_a_threshold_that_is_not_a_number_or_string_is_rejected_by_name(value: str) -> None:
    with pytest.raises(ApiError, match="score_threshold must be a number or text, got") as caught:
        read_predict(f'{{"params": {{"score_threshold": {value}}}}}'.encode())

    assert caught.value.details[0].field_violations[0].field == "params.score_threshold"


@pytest.mark.parametrize("name", ["imageBytes", "image_bytes"])
@pytest.mark.parametrize("url", ["data:image/jpeg;base64,/9j/4A==", " DATA:image/png,x", "data:,"])
def test_a_data_url_in_place_of_an_image_is_rejected_with_a_hint(name: str, url: str) -> None:
    with pytest.raises(ApiError, match=r"is a data: URL[.] Send only the part after the comma"):
        read_predict(json.dumps({"payload": {"image": {name: url}}}).encode())


@pytest.mark.parametrize("query", [{"pageSize": "5", "pageToken": "7"}, {"page_size": "5", "page_token": "7"}])
def test_query_parameters_may_be_in_camel_case_or_snake_case(query: dict[str, str]) -> None:
    request = read_list(**query)

    assert (request.page_size, request.page_token) == (5, "7")


def test_standard_google_query_parameters_are_not_read_as_fields() -> None:
    request = read_list(**{"$alt": "json", "key": "k", "prettyPrint": "false", "$.xgafv": "2"})

    assert request.parent == LOCATION


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b"\xff",
        b'{"payload": 1}',
        b'{"payload": {"image": 1}}',
        b'{"params": 1}',
        b'{"a": [' + b"[]," * 100_000 + b"1]}",
        b'{"paylod": {}}',
        b'{"payload": {"image": {"imageBytes": 5}}}',
        b'{"params": {"score_threshold": "\\ud800"}}',
        b"[" * 100_000,
        b'{"payload":' * 200 + b"1" + b"}" * 200,
    ],
)
def test_an_invalid_request_body_is_rejected(body: bytes) -> None:
    with pytest.raises(ApiError, match="Invalid JSON payload received"):
        read_predict(body)


@pytest.mark.parametrize("query", [{"pageSise": "5"}, {"pageSize": "five"}])
def test_an_invalid_query_is_rejected(query: dict[str, str]) -> None:
    with pytest.raises(ApiError, match="Invalid JSON payload received"):
        read_list(**query)


def test_responses_are_in_camel_case_with_enums_by_name() -> None:
    model = types.Model.pb()(display_name="v1", deployment_state=types.Model.DeploymentState.DEPLOYED)

    assert json.loads(write_response(model, {})) == {"displayName": "v1", "deploymentState": "DEPLOYED"}


@pytest.mark.parametrize("name", ["alt", "$alt"])
def test_enums_are_numbers_on_request(name: str) -> None:
    model = types.Model.pb()(deployment_state=types.Model.DeploymentState.DEPLOYED)

    # DEPLOYED is 1 in Google's definition.
    assert json.loads(write_response(model, {name: "json;enum-encoding=int"})) == {"deploymentState": 1}


def test_64_bit_integers_are_strings() -> None:
    model = types.Model.pb()(image_classification_model_metadata={"node_count": 2**53 + 1})

    written = json.loads(write_response(model, {}))

    assert written["imageClassificationModelMetadata"]["nodeCount"] == "9007199254740993"


def test_non_ascii_characters_are_not_escaped() -> None:
    assert "Zürich 猫" in write_response(types.Model.pb()(display_name="Zürich 猫"), {})


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
def test_operation_metadata_uses_the_api_version_of_the_caller(version: str) -> None:
    operation = OperationMethods().add(LOCATION, version, "deploy_model_details", start_period(0.0))

    metadata = json.loads(write_response(operation, {}))["metadata"]

    assert metadata["@type"] == f"type.googleapis.com/google.cloud.automl.{version}.OperationMetadata"
    assert (metadata["progressPercent"], metadata["deployModelDetails"]) == (100, {})


@pytest.mark.parametrize("query", [{"alt": "proto"}, {"$alt": "media"}])
def test_response_formats_other_than_json_are_rejected(query: dict[str, str]) -> None:
    with pytest.raises(ApiError, match="Responses are JSON only"):
        check_response_format(query)


@pytest.mark.parametrize("query", [{}, {"alt": "json"}, {"$alt": "json;enum-encoding=int"}])
def test_the_json_response_format_may_be_requested(query: dict[str, str]) -> None:
    check_response_format(query)


# Where no other code has imported v1beta1, protobuf does not know its messages.
def test_operations_are_listed_for_both_api_versions() -> None:
    script = """
import json
from google.longrunning import operations_pb2
from lib.serving.automl.operations import OperationMethods
from lib.serving.automl.deployment_states import start_period
from lib.serving.automl.transcoding import write_response
operations = OperationMethods()
for version in ("v1", "v1beta1"):
    operations.add("projects/p/locations/eu", version, "deploy_model_details", start_period(0.0))
listed = operations.list_operations(operations_pb2.ListOperationsRequest(name="projects/p/locations/eu"))
print(json.dumps([each["metadata"]["@type"] for each in json.loads(write_response(listed, {}))["operations"]]))
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)

    package = "type.googleapis.com/google.cloud.automl"
    assert json.loads(done.stdout) == [f"{package}.{version}.OperationMetadata" for version in ("v1", "v1beta1")]


def test_a_list_without_operations_is_an_empty_object() -> None:
    assert json.loads(write_response(operations_pb2.ListOperationsResponse(), {})) == {}
