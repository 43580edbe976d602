"""The stand-in as an HTTP service: tokens, paths, regions, and arbitrary requests."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.serving.automl.rest_front import RestServer
from lib.serving.service import PredictionService
from lib.serving.vertex import make_vertex_app
from tests.builders.checked_exports import make_service
from tests.builders.exports import make_export
from tests.integration.serving.vertex.asking import LOCATION, refusal

TOKEN = "secret"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(
    [
        "instances", "parameters", "content", "mimeType", "maxPredictions", "confidenceThreshold", "deployedModel",
        "trafficSplit", "model", "id", "automaticResources", "displayName", "labels", "deployedModelId", "0",
    ]
)  # fmt: skip
BODIES = st.dictionaries(NAMES, JSON | st.dictionaries(NAMES, JSON, max_size=4), max_size=4)
WAYS = st.sampled_from(["", "/mine:predict", "/mine:deployModel", "/mine:undeployModel", "/mine"])


@contextmanager
def make_client(service: PredictionService, token: str = "") -> Iterator[httpx.Client]:
    server = RestServer(make_vertex_app(service.models, token=token), "127.0.0.1", 0)
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}/v1/{LOCATION}", trust_env=False, timeout=30) as client:
        yield client
    server.stop()


@pytest.fixture(scope="module")
def shared_api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of one stand-in that all tests with random requests share."""
    models_dir: Path = tmp_path_factory.mktemp("models")
    make_export(models_dir / "colors" / "v1")
    service = make_service(models_dir)
    with make_client(service) as client:
        client.post("/endpoints", params={"endpointId": "mine"}, json={"displayName": "mine"})
        yield client
    service.stop()


def send(api: httpx.Client, way: str, content: bytes) -> httpx.Response:
    """Call a method that takes a body, on an existing endpoint."""
    verb, query = ("PATCH", {"updateMask": "labels,trafficSplit"}) if way == "/mine" else ("POST", {})
    return api.request(verb, f"/endpoints{way}", params=query, content=content)


def test_a_call_without_a_token_gets_the_error_message_of_google(service: PredictionService) -> None:
    with make_client(service, token=TOKEN) as api:
        answer = api.get("/models")

    error = answer.json()["error"]
    assert refusal(answer)[:2] == (401, "UNAUTHENTICATED")
    assert error["message"].startswith("Request is missing required authentication credential. Expected OAuth 2 ")
    assert error["details"][0]["reason"] == "CREDENTIALS_MISSING"
    assert answer.headers["www-authenticate"] == 'Bearer realm="https://accounts.google.com/"'


@pytest.mark.parametrize("given", ["Bearer wrong", "Bearer", "Basic secret", "secret", "Bearer secretly"])
def test_a_call_with_an_invalid_token_is_unauthenticated(service: PredictionService, given: str) -> None:
    with make_client(service, token=TOKEN) as api:
        answer = api.get("/models", headers={"authorization": given})

    assert refusal(answer)[:2] == (401, "UNAUTHENTICATED")
    assert answer.json()["error"]["message"].startswith("Request had invalid authentication credentials.")
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


def test_the_token_is_accepted_on_every_path(service: PredictionService) -> None:
    with make_client(service, token=TOKEN) as api:
        answer = api.get("/models", headers={"authorization": f"Bearer {TOKEN}"})

    assert answer.status_code == 200


def test_no_token_is_required_by_default(api: httpx.Client) -> None:
    assert api.get("/models", headers={"authorization": "Bearer anything"}).status_code == 200


@pytest.mark.parametrize("region", ["us-central1", "europe-west12", "northamerica-northeast2", "local"])
def test_every_region_is_served(api: httpx.Client, region: str) -> None:
    answer = api.get(str(api.base_url.copy_with(path=f"/v1/projects/p/locations/{region}/models")))

    assert answer.json()["models"][0]["name"].startswith(f"projects/p/locations/{region}/models/")


@pytest.mark.parametrize("region", ["eu", "us", "global", "-", "US-central1", "us-central", "us-central1x"])
def test_an_invalid_region_is_rejected(api: httpx.Client, region: str) -> None:
    answer = api.get(str(api.base_url.copy_with(path=f"/v1/projects/p/locations/{region}/models")))

    code, status, message = refusal(answer)
    assert (code, status) == (400, "INVALID_ARGUMENT")
    assert "location ID doesn't match the endpoint" in message


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("GET", "/nothing"),
        ("GET", "/models/"),
        ("GET", "/endpoints/1/2"),
        ("PUT", "/models"),
        ("DELETE", "/models/1"),
        ("POST", "/models:upload"),
        ("POST", "/endpoints/1:explain"),
    ],
)
def test_an_unknown_path_is_not_found(api: httpx.Client, verb: str, path: str) -> None:
    assert refusal(api.request(verb, path))[:2] == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"\xff",
        b"[" * 100_000,
        b'"text"',
        b'{"displayName": "\\ud800"}',
        b'{"displayName": "\xed\xa0\x80"}',
        '{"displayName": "\\ud800"}'.encode("utf-16"),
    ],
)
def test_a_body_that_is_not_a_json_object_is_rejected(api: httpx.Client, content: bytes) -> None:
    code, status, message = refusal(api.post("/endpoints", content=content))

    assert (code, status) == (400, "INVALID_ARGUMENT")
    assert "Invalid JSON payload received." in message


def test_response_formats_other_than_json_are_rejected(api: httpx.Client) -> None:
    answer = api.get("/models", params={"alt": "proto"})

    assert answer.headers["content-type"] == "application/json; charset=UTF-8"
    assert refusal(answer)[:2] == (400, "INVALID_ARGUMENT")


@settings(max_examples=150)
@given(way=WAYS, content=st.binary(max_size=200))
def test_random_bytes_get_a_well_formed_error(shared_api: httpx.Client, way: str, content: bytes) -> None:
    answer = send(shared_api, way, content)

    assert answer.status_code in {200, 400}
    assert answer.json()


@settings(max_examples=300)
@given(way=WAYS, body=BODIES)
def test_random_json_gets_a_well_formed_response(shared_api: httpx.Client, way: str, body: dict[str, object]) -> None:
    answer = send(shared_api, way, json.dumps(body).encode())

    assert answer.status_code in {200, 400, 404}
    assert answer.json()


@settings(max_examples=150)
@given(path=st.text(max_size=30), query=st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=2))
def test_random_paths_and_queries_get_a_well_formed_response(
    shared_api: httpx.Client, path: str, query: dict[str, str]
) -> None:
    answer = shared_api.get(f"/models/{quote(path, safe='')}", params=query)

    assert answer.status_code in {200, 400, 404}
    assert answer.json()


def test_lists_still_work_after_random_requests(shared_api: httpx.Client) -> None:
    names = [endpoint["displayName"] for endpoint in shared_api.get("/endpoints").json()["endpoints"]]

    assert names[:2] == ["colors-v1", "mine"]
    assert shared_api.get("/models").status_code == 200
