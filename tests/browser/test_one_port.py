"""Programs on the same port as the pages."""

import base64

import httpx
import pytest

from lib.settings import ROOT

PARENT = "v1/projects/second-look/locations/us-central1"
ESPRESSO = base64.b64encode((ROOT / "samples/espresso.jpg").read_bytes()).decode()


def find_model(base_url: str, version: str) -> str:
    models = httpx.get(f"{base_url}/{PARENT}/models").json()["model"]
    return str(next(model["name"] for model in models if model["displayName"] == version))


@pytest.mark.parametrize("api", ["v1", "v1beta1"])
def test_the_request_of_googles_guide_is_answered_as_documented(base_url: str, api: str) -> None:
    model = find_model(base_url, "v1")
    body = {"payload": {"image": {"imageBytes": ESPRESSO}}}

    answer = httpx.post(f"{base_url}/{api}/{model}:predict", json=body)

    assert answer.status_code == 200
    (best,) = answer.json()["payload"]  # no other label reaches AutoML's own threshold of 0.5
    assert best["displayName"] == "espresso"
    assert best["classification"]["score"] == pytest.approx(0.95, abs=0.05)


def test_what_the_service_refuses_is_googles_json_error(base_url: str) -> None:
    answer = httpx.post(f"{base_url}/{PARENT}/models/ICN404:predict", json={})

    assert answer.status_code == 404
    assert answer.json()["error"]["status"] == "NOT_FOUND"


def test_the_server_says_that_it_is_up(base_url: str) -> None:
    assert httpx.get(f"{base_url}/healthz").json() == {"status": "ok"}
