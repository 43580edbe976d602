"""Deploying and undeploying models on endpoints, over HTTP."""

import time
from typing import Any

import httpx
import pytest

from lib.serving.automl.rest_front import RestServer
from lib.serving.service import PredictionService
from lib.serving.vertex import make_vertex_app
from tests.integration.serving.vertex.asking import (
    LOCATION,
    TYPES,
    deploy,
    endpoint_of,
    full,
    make_endpoint,
    make_instances,
    model_name,
    refusal,
)


def undeploy(api: httpx.Client, endpoint: str, deployed_id: str, **traffic: int) -> httpx.Response:
    split = {key.removeprefix("d"): percent for key, percent in traffic.items()}
    return api.post(f"{endpoint}:undeployModel", json={"deployedModelId": deployed_id, "trafficSplit": split})


def wait_until_done(api: httpx.Client, name: str) -> dict[str, Any]:
    give_up_at = time.monotonic() + 20
    while time.monotonic() < give_up_at:
        operation: dict[str, Any] = api.get(full(api, name)).json()
        if operation.get("done"):
            return operation
    raise AssertionError(f"{name} never ends")


def test_a_deployed_version_predicts(api: httpx.Client) -> None:
    endpoint = make_endpoint(api)
    model = model_name(api, "colors", "v10")
    wanted = {"model": model, "displayName": "newest", "automaticResources": {"minReplicaCount": 2}}

    body = {"deployedModel": wanted, "trafficSplit": {"0": 100}}
    operation = api.post(f"{endpoint}:deployModel", json=body).json()
    answer = api.post(f"{endpoint}:predict", json={"instances": make_instances()}).json()

    deployed = operation["response"]["deployedModel"]
    now = api.get(endpoint).json()
    assert operation["response"]["@type"] == f"{TYPES}.DeployModelResponse"
    assert operation["metadata"]["@type"] == f"{TYPES}.DeployModelOperationMetadata"
    assert (now["deployedModels"], now["trafficSplit"]) == ([deployed], {deployed["id"]: 100})
    assert (deployed["displayName"], deployed["automaticResources"]) == ("newest", {"minReplicaCount": 2})
    assert (deployed["model"], deployed["modelVersionId"]) == (model_name(api, "colors"), "3")
    assert (answer["deployedModelId"], answer["modelVersionId"]) == (deployed["id"], "3")


def test_a_model_lists_the_endpoints_it_is_deployed_to(api: httpx.Client) -> None:
    endpoint = make_endpoint(api)

    deployed = deploy(api, endpoint, model_name(api, "tags"))["response"]["deployedModel"]

    places = api.get(full(api, model_name(api, "tags"))).json()["deployedModels"]
    assert places[1] == {"endpoint": f"{LOCATION}{endpoint}", "deployedModelId": deployed["id"]}


def test_a_version_deployed_without_traffic_gets_no_calls(api: httpx.Client) -> None:
    endpoint = make_endpoint(api)

    deploy(api, endpoint, model_name(api, "tags"))
    answer = api.post(f"{endpoint}:predict", json={"instances": make_instances()})

    assert "trafficSplit" not in api.get(endpoint).json()
    assert refusal(answer)[1] == "FAILED_PRECONDITION"


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"model": "colors"}, "INVALID_ARGUMENT"),
        ({"model": f"{LOCATION}/models/1"}, "NOT_FOUND"),
        ({"model": "projects/p/locations/eu/models/1"}, "INVALID_ARGUMENT"),
        ({"model": None}, "INVALID_ARGUMENT"),
        ({"automaticResources": None}, "INVALID_ARGUMENT"),
        ({"automaticResources": {"minReplicaCount": 0}}, "INVALID_ARGUMENT"),
        ({"automaticResources": {"minReplicaCount": 2, "maxReplicaCount": 1}}, "INVALID_ARGUMENT"),
        ({"automaticResources": {"maxReplicaCount": -1}}, "INVALID_ARGUMENT"),
        ({"dedicatedResources": {"machineSpec": {}}}, "INVALID_ARGUMENT"),
        ({"id": "0"}, "INVALID_ARGUMENT"),
        ({"id": "a"}, "INVALID_ARGUMENT"),
    ],
)
def test_an_invalid_deployment_is_rejected(api: httpx.Client, changes: dict[str, Any], status: str) -> None:
    endpoint = make_endpoint(api)
    deployed = {"model": model_name(api, "tags"), "automaticResources": {}} | changes

    answer = api.post(f"{endpoint}:deployModel", json={"deployedModel": deployed})

    assert refusal(answer)[1] == status
    assert "deployedModels" not in api.get(endpoint).json()


@pytest.mark.parametrize("split", [{"0": 99}, {"0": 50, "7": 50}, {"0": 150, "7": -50}, {"0": "many"}, {"1": 100}, 5])
def test_an_invalid_traffic_split_is_rejected(api: httpx.Client, split: object) -> None:
    endpoint = make_endpoint(api)
    deployed = {"model": model_name(api, "tags"), "automaticResources": {}}

    answer = api.post(f"{endpoint}:deployModel", json={"deployedModel": deployed, "trafficSplit": split})

    assert refusal(answer)[:2] == (400, "INVALID_ARGUMENT")


def test_a_custom_deployment_id_is_kept_and_must_be_unique(api: httpx.Client) -> None:
    endpoint = make_endpoint(api)
    deployed = {"model": model_name(api, "tags"), "automaticResources": {}, "id": "42"}

    first = api.post(f"{endpoint}:deployModel", json={"deployedModel": deployed}).json()
    second = api.post(f"{endpoint}:deployModel", json={"deployedModel": deployed})

    assert first["response"]["deployedModel"]["id"] == "42"
    assert refusal(second)[:2] == (409, "ALREADY_EXISTS")


def test_the_last_version_is_undeployed_together_with_its_traffic(api: httpx.Client) -> None:
    endpoint = endpoint_of(api, "tags-Final")
    (deployed,) = api.get(endpoint).json()["deployedModels"]

    operation = undeploy(api, endpoint, deployed["id"]).json()

    now = api.get(endpoint).json()
    assert operation["response"] == {"@type": f"{TYPES}.UndeployModelResponse"}
    assert ("deployedModels" in now, "trafficSplit" in now) == (False, False)
    assert now["updateTime"] > now["createTime"]


def test_a_version_with_traffic_cannot_be_undeployed_before_its_traffic_is_reassigned(api: httpx.Client) -> None:
    endpoint = make_endpoint(api)
    first = deploy(api, endpoint, model_name(api, "colors"), new=100)["response"]["deployedModel"]["id"]
    second = deploy(api, endpoint, model_name(api, "tags"))["response"]["deployedModel"]["id"]

    too_soon = undeploy(api, endpoint, first)
    done = undeploy(api, endpoint, first, **{f"d{second}": 100}).json()

    assert refusal(too_soon)[:2] == (400, "FAILED_PRECONDITION")
    assert done["done"]
    assert api.get(endpoint).json()["trafficSplit"] == {second: 100}


def test_a_version_without_traffic_can_be_undeployed(api: httpx.Client) -> None:
    endpoint = make_endpoint(api)
    first = deploy(api, endpoint, model_name(api, "colors"), new=100)["response"]["deployedModel"]["id"]
    second = deploy(api, endpoint, model_name(api, "tags"))["response"]["deployedModel"]["id"]

    undeploy(api, endpoint, second).raise_for_status()

    assert api.get(endpoint).json()["trafficSplit"] == {first: 100}


def test_undeploying_an_unknown_deployment_is_not_found(api: httpx.Client) -> None:
    assert refusal(undeploy(api, make_endpoint(api), "42"))[:2] == (404, "NOT_FOUND")


def test_a_slow_deployment_is_an_operation_in_progress(service: PredictionService) -> None:
    server = RestServer(make_vertex_app(service.models, deploy_takes_s=0.5), "127.0.0.1", 0)
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}/v1/{LOCATION}", trust_env=False) as api:
        endpoint = make_endpoint(api)

        operation = deploy(api, endpoint, model_name(api, "tags"), new=100)
        meanwhile = api.get(endpoint).json()
        refused = [api.delete(endpoint), undeploy(api, endpoint, "1")]
        done = wait_until_done(api, operation["name"])
        afterwards = api.get(endpoint).json()
    server.stop()

    times = done["metadata"]["genericMetadata"]
    assert ("done" in operation, "response" in operation) == (False, False)
    assert "deployedModels" not in meanwhile
    assert [refusal(answer)[1] for answer in refused] == ["FAILED_PRECONDITION"] * 2
    assert operation["name"] in refusal(refused[0])[2]
    assert times["updateTime"] > times["createTime"]
    assert afterwards["deployedModels"] == [done["response"]["deployedModel"]]
    assert afterwards["trafficSplit"] == {done["response"]["deployedModel"]["id"]: 100}
