"""Calls that the REST API rejects before it processes them."""

import json
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path

import httpx
import pytest

from lib.serving.automl.api_guard import ApiGuard, ApiRules, Caller, Denial
from lib.serving.automl.rest_front import RestServer
from tests.builders.checked_exports import make_service
from tests.builders.exports import make_export

MODELS = "/v1/projects/p/locations/local/models"
Start = Callable[[ApiRules], httpx.Client]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start the guarded API on a port and return a client of it."""
    make_export(tmp_path / "colors/v1")
    service = make_service(tmp_path)
    servers: list[RestServer] = []

    def start_(rules: ApiRules) -> httpx.Client:
        servers.append(RestServer(ApiGuard(service.rest_app, rules), "127.0.0.1", 0))
        return httpx.Client(base_url=f"http://127.0.0.1:{servers[-1].port}", trust_env=False)

    yield start_
    for server in servers:
        server.stop()
    service.stop()


def rules(calls_per_minute: int = 100) -> ApiRules:
    return ApiRules(calls_per_minute)


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_content_types_that_a_cross_site_form_can_send_are_rejected(start: Start, kind: str) -> None:
    with start(rules()) as client:
        answer = client.post(f"{MODELS}/ICN1:predict", content=b"{}", headers={"Content-Type": kind})

    assert (answer.status_code, answer.json()["error"]["status"]) == (415, "INVALID_ARGUMENT")


def test_the_json_content_type_is_case_insensitive(start: Start) -> None:
    with start(rules()) as client:
        kind = "Application/JSON; charset=utf-8"
        answer = client.post(f"{MODELS}/ICN1:predict", content=b"{}", headers={"Content-Type": kind})

    assert answer.json()["error"]["status"] == "NOT_FOUND"


def test_an_oversized_body_is_rejected_before_it_is_read(start: Start) -> None:
    with start(rules()) as client:
        calling = HTTPConnection("127.0.0.1", client.base_url.port or 0, timeout=10)
    calling.putrequest("POST", f"{MODELS}/ICN1:predict")
    calling.putheader("Content-Type", "application/json")
    calling.putheader("Content-Length", str(10**12))
    calling.endheaders()  # and not one byte of the body

    answer = calling.getresponse()

    assert (answer.status, json.loads(answer.read())["error"]["code"]) == (413, 413)
    calling.close()


def test_a_body_of_unknown_length_is_rejected_before_it_is_read(start: Start) -> None:
    with start(rules()) as client:
        kind = {"Content-Type": "application/json"}
        answer = client.post(f"{MODELS}/ICN1:predict", content=iter([b"{}"]), headers=kind)

    assert (answer.status_code, answer.json()["error"]["code"]) == (411, 411)


def test_calls_over_the_rate_limit_get_a_retry_after_header(start: Start) -> None:
    with start(rules(calls_per_minute=3)) as client:
        first = [client.get(MODELS).status_code for _ in range(3)]
        refused = client.get(MODELS)

    assert first == [200, 200, 200]
    assert (refused.status_code, refused.json()["error"]["status"]) == (429, "RESOURCE_EXHAUSTED")
    assert 1 <= int(refused.headers["retry-after"]) <= 60


def ask_for_token(token: str, path: str) -> Caller:
    """Identify two programs, one of which lacks permission to deploy."""
    if token not in {"ada", "grace"}:
        return Caller(denial=Denial("Show a token.", is_known=False))
    number = ["ada", "grace"].index(token)
    may_not = token == "grace" and path.endswith(":deploy")
    return Caller(f"{token}@example.com", number, Denial("Grace may not.", is_known=True) if may_not else None)


def call(client: httpx.Client, token: str) -> int:
    """Return the HTTP status of a call with this token."""
    return client.get(MODELS, headers={"Authorization": f"Bearer {token}"}).status_code


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", "Basic ada", "ada"])
def test_a_call_without_a_valid_token_is_unauthenticated(start: Start, header: str) -> None:
    with start(ApiRules(100, ask_for_token)) as client:
        answer = client.get(MODELS, headers={"Authorization": header})

    assert (answer.status_code, answer.json()["error"]["status"]) == (401, "UNAUTHENTICATED")
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
def test_a_call_with_a_valid_token_succeeds(start: Start, scheme: str) -> None:
    with start(ApiRules(100, ask_for_token)) as client:
        assert client.get(MODELS, headers={"Authorization": f"{scheme} grace"}).status_code == 200


def test_a_valid_token_without_the_permission_is_forbidden(start: Start) -> None:
    with start(ApiRules(100, ask_for_token)) as client:
        answers = {
            token: client.post(f"{MODELS}/ICN1:deploy", json={}, headers={"Authorization": f"Bearer {token}"})
            for token in ("ada", "grace")
        }

    assert (answers["grace"].status_code, answers["grace"].json()["error"]["message"]) == (403, "Grace may not.")
    assert answers["ada"].status_code == 404  # there is no such model, but she was asked in


def test_calls_with_invalid_tokens_count_toward_the_rate_limit(start: Start) -> None:
    with start(ApiRules(3, ask_for_token)) as client:
        codes = [call(client, str(guess)) for guess in range(4)]

    assert codes == [401, 401, 401, 429]


def test_invalid_tokens_do_not_lock_out_valid_tokens_from_the_same_address(start: Start) -> None:
    with start(ApiRules(3, ask_for_token)) as client:
        guesses = [call(client, str(guess)) for guess in range(5)]
        right = [call(client, "ada") for _ in range(3)]
        more_guesses = [call(client, str(guess)) for guess in range(2)]

    assert guesses == [401, 401, 401, 429, 429]
    assert right == [200, 200, 200]
    assert more_guesses == [429, 429]


def test_each_token_has_its_own_rate_limit(start: Start) -> None:
    with start(ApiRules(2, ask_for_token)) as client:
        of_ada = [call(client, "ada") for _ in range(3)]
        of_grace = [call(client, "grace") for _ in range(3)]

    assert of_ada == of_grace == [200, 200, 429]


def test_forbidden_calls_count_toward_the_rate_limit_of_their_own_token(start: Start) -> None:
    with start(ApiRules(2, ask_for_token)) as client:
        headers = {"Authorization": "Bearer grace"}
        codes = [client.post(f"{MODELS}/ICN1:deploy", json={}, headers=headers).status_code for _ in range(3)]
        of_ada = call(client, "ada")

    assert (codes, of_ada) == ([403, 403, 429], 200)


def test_only_calls_that_change_a_deployment_are_recorded_with_their_caller(start: Start) -> None:
    recorded: list[tuple[str, str]] = []

    def record(caller: Caller, path: str) -> None:
        recorded.append((caller.address, path))

    with start(ApiRules(100, ask_for_token, record)) as client:
        ada = {"Authorization": "Bearer ada"}
        (name, *_) = [model["name"] for model in client.get(MODELS, headers=ada).json()["model"]]
        calls = {
            f"/v1/{name}:deploy": ada,
            f"/v1/{name}:undeploy": ada,
            f"/v1/{name}:predict": ada,
            f"{MODELS}/ICN1:undeploy": ada,  # there is no such model
            f"/v1/{name}:deploy#": {"Authorization": "Bearer grace"},  # she may not
        }
        codes = [client.post(path, json={}, headers=headers).status_code for path, headers in calls.items()]

    assert codes == [200, 200, 400, 404, 403]
    ada_called = "ada@example.com"
    assert recorded == [(ada_called, f"/v1/{name}:deploy"), (ada_called, f"/v1/{name}:undeploy")]
