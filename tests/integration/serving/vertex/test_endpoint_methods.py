"""Endpoints, over HTTP."""

import httpx
import pytest

from lib.serving.service import PredictionService
from tests.integration.serving.vertex.asking import (
    LOCATION,
    TYPES,
    endpoint_of,
    full,
    make_endpoint,
    model_name,
    refusal,
)


def test_each_version_has_an_endpoint_initially(api: httpx.Client) -> None:
    endpoints = api.get("/endpoints").json()["endpoints"]

    assert [endpoint["displayName"] for endpoint in endpoints] == [
        "colors-v1",
        "colors-v2",
        "colors-v10",
        "faults-busy",
        "faults-dropped",
        "faults-flaky",
        "faults-slow",
        "tags-Final",
    ]


def test_an_endpoint_response_matches_the_vertex_documentation(api: httpx.Client, service: PredictionService) -> None:
    path = endpoint_of(api, "colors-v2")
    export = next(model for model in service.models if model.version == "v2").export
    moment = export.changed_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    endpoint = api.get(path).json()

    (deployed,) = endpoint.pop("deployedModels")
    assert deployed.pop("id").isdecimal()
    assert deployed == {
        "model": model_name(api, "colors"),
        "modelVersionId": "2",
        "displayName": "colors-v2",
        "createTime": moment,
        "automaticResources": {"minReplicaCount": 1, "maxReplicaCount": 1},
    }
    assert list(endpoint.pop("trafficSplit").values()) == [100]
    assert endpoint.pop("etag")
    assert endpoint == {
        "name": f"{LOCATION}{path}",
        "displayName": "colors-v2",
        "createTime": moment,
        "updateTime": moment,
    }


def test_endpoints_can_be_paged_and_filtered(api: httpx.Client) -> None:
    page = api.get("/endpoints", params={"pageSize": 1, "pageToken": "1"}).json()
    path = endpoint_of(api, "colors-v2")
    by_id = api.get("/endpoints", params={"filter": f"endpoint={path.rpartition('/')[2]}"}).json()

    assert page["nextPageToken"] == "2"
    assert page["endpoints"] == by_id["endpoints"] == [api.get(path).json()]


def test_creating_an_endpoint_returns_an_operation_with_the_endpoint(api: httpx.Client) -> None:
    body = {"displayName": "mine", "description": "for trials", "labels": {"env": "test"}}

    operation = api.post("/endpoints", json=body).json()

    assert operation == api.get(full(api, operation["name"])).json()
    response = operation["response"]
    assert response.pop("@type") == f"{TYPES}.Endpoint"
    assert response == api.get(full(api, response["name"])).json()
    assert {key: response[key] for key in body} == body
    assert operation["name"].startswith(f"{response['name']}/operations/")
    assert operation["metadata"]["@type"] == f"{TYPES}.CreateEndpointOperationMetadata"


def test_an_endpoint_can_have_a_custom_id(api: httpx.Client) -> None:
    created = api.post("/endpoints", params={"endpointId": "my-own"}, json={"displayName": "mine"}).json()
    again = api.post("/endpoints", params={"endpoint_id": "my-own"}, json={"displayName": "mine"})

    assert created["response"]["name"] == f"{LOCATION}/endpoints/my-own"
    assert refusal(again)[:2] == (409, "ALREADY_EXISTS")


@pytest.mark.parametrize(
    ("query", "body"),
    [
        ({}, {}),
        ({}, {"displayName": ""}),
        ({}, {"displayName": 5}),
        ({}, {"displayName": "x" * 129}),
        ({}, {"displayName": "x", "labels": {"env": 5}}),
        ({}, {"displayName": "x", "labels": "env"}),
        ({}, ["x"]),
        ({"endpointId": "0123"}, {"displayName": "x"}),
        ({"endpointId": "Mine"}, {"displayName": "x"}),
        ({"endpointId": "1234567890"}, {"displayName": "x"}),
        ({"name": "x"}, {"displayName": "x"}),
    ],
)
def test_an_invalid_endpoint_is_rejected(api: httpx.Client, query: dict[str, str], body: object) -> None:
    assert refusal(api.post("/endpoints", params=query, json=body))[:2] == (400, "INVALID_ARGUMENT")


def test_an_empty_endpoint_can_be_deleted(api: httpx.Client) -> None:
    endpoint = make_endpoint(api)

    operation = api.delete(endpoint).json()

    assert operation["response"] == {"@type": "type.googleapis.com/google.protobuf.Empty"}
    assert operation["metadata"]["@type"] == f"{TYPES}.DeleteOperationMetadata"
    assert refusal(api.get(endpoint))[:2] == (404, "NOT_FOUND")


def test_an_endpoint_with_deployed_models_cannot_be_deleted(api: httpx.Client) -> None:
    endpoint = endpoint_of(api, "tags-Final")

    code, status, message = refusal(api.delete(endpoint))

    assert (code, status) == (400, "FAILED_PRECONDITION")
    assert "has deployed or being-deployed DeployedModel(s)" in message
    assert api.get(endpoint).status_code == 200


def test_an_update_changes_only_the_fields_in_its_mask(api: httpx.Client) -> None:
    endpoint = endpoint_of(api, "tags-Final")
    before = api.get(endpoint).json()

    body = {"displayName": "renamed", "description": "not in the mask", "trafficSplit": {}}
    updated = api.patch(endpoint, params={"updateMask": "displayName,traffic_split"}, json=body).json()

    assert updated == api.get(endpoint).json()
    assert (updated["displayName"], updated["deployedModels"]) == ("renamed", before["deployedModels"])
    assert ("description" in updated, "trafficSplit" in updated) == (False, False)
    assert updated["etag"] != before["etag"]


@pytest.mark.parametrize("mask", ["", "name", "displayName,", "trafficSplit"])
def test_an_invalid_update_is_rejected(api: httpx.Client, mask: str) -> None:
    body = {"displayName": "renamed", "trafficSplit": {"1": 100}}

    answer = api.patch(endpoint_of(api, "tags-Final"), params={"updateMask": mask}, json=body)

    assert refusal(answer)[:2] == (400, "INVALID_ARGUMENT")


def test_an_unknown_operation_is_not_found(api: httpx.Client) -> None:
    assert refusal(api.get(f"{make_endpoint(api)}/operations/1"))[:2] == (404, "NOT_FOUND")
