"""Requests to the Vertex AI stand-in that several tests share."""

import base64
from typing import Any

import httpx

from tests.builders.exports import make_picture

LOCATION = "projects/p/locations/us-central1"
TYPES = "type.googleapis.com/google.cloud.aiplatform.v1"


def make_instances(image: bytes | None = None) -> list[dict[str, str]]:
    """The instances of a request for one image, by default a red one."""
    content = make_picture("red") if image is None else image
    return [{"content": base64.b64encode(content).decode(), "mimeType": "image/png"}]


def full(api: httpx.Client, name: str) -> str:
    """The address of a resource name."""
    return str(api.base_url.copy_with(path=f"/v1/{name}"))


def endpoint_of(api: httpx.Client, display_name: str) -> str:
    """The path of the one endpoint of this display name, below the location."""
    (endpoint,) = api.get("/endpoints", params={"filter": f'display_name="{display_name}"'}).json()["endpoints"]
    name: str = endpoint["name"]
    return name.removeprefix(LOCATION)


def make_endpoint(api: httpx.Client, display_name: str = "mine") -> str:
    """The path of a new endpoint on which nothing is deployed."""
    operation = api.post("/endpoints", json={"displayName": display_name}).json()
    name: str = operation["response"]["name"]
    return name.removeprefix(LOCATION)


def model_name(api: httpx.Client, family: str, version: str = "") -> str:
    """The resource name of a family, or of one of its versions by number or alias."""
    (model,) = api.get("/models", params={"filter": f"displayName={family}"}).json()["models"]
    return f"{model['name']}@{version}" if version else model["name"]


def deploy(api: httpx.Client, endpoint: str, model: str, **traffic: int) -> dict[str, Any]:
    """Deploy a model and return the operation; traffic is given as `new=100` or `d123=50`."""
    split = {"0" if key == "new" else key.removeprefix("d"): percent for key, percent in traffic.items()}
    body = {"deployedModel": {"model": model, "automaticResources": {}}, "trafficSplit": split}
    answer = api.post(f"{endpoint}:deployModel", json=body)
    operation: dict[str, Any] = answer.raise_for_status().json()
    return operation


def refusal(answer: httpx.Response) -> tuple[int, str, str]:
    """Code, status and message of an answer that is an error."""
    error = answer.json()["error"]
    assert answer.status_code == error["code"]
    return error["code"], error["status"], error["message"]
