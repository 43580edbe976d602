"""Deployments that take time, through Google's official clients, both API versions, gRPC and REST."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from google.api_core import exceptions

from tests.builders.checked_exports import make_service
from tests.builders.exports import make_export
from tests.conformance.conftest import Clients, Running, connect, run

# Longer than the calls that look at a running operation, and short enough to wait for.
DEPLOY_TAKES_S = 1.5


@pytest.fixture
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A service of colors/v1 whose deployments take time."""
    models_dir = tmp_path_factory.mktemp("models")
    make_export(models_dir / "colors" / "v1")
    with run(make_service(models_dir, deploy_takes_s=DEPLOY_TAKES_S)) as running:
        yield running


@pytest.fixture
def all_clients(running: Running) -> Iterator[dict[str, Clients]]:
    """All clients of the service."""
    with connect(running) as clients:
        yield clients


def make_deployment(name: str, node_count: int) -> dict[str, Any]:
    return {"name": name, "image_classification_model_deployment_metadata": {"node_count": node_count}}


def state_of(clients: Clients, name: str) -> tuple[str, int]:
    """A model's deployment state and its number of nodes."""
    model = clients.models.get_model(name=name)
    return model.deployment_state.name, model.image_classification_model_metadata.node_count


def test_a_model_stays_deployed_until_the_operation_is_done(clients: Clients, running: Running) -> None:
    name = running.name_of("colors/v1")

    operation = clients.models.undeploy_model(name=name)
    begun = (operation.operation.done, operation.metadata.progress_percent < 100, state_of(clients, name))
    operation.result(timeout=30)

    assert begun == (False, True, ("DEPLOYED", 1))
    assert operation.metadata.progress_percent == 100
    assert state_of(clients, name) == ("UNDEPLOYED", 0)


def test_the_number_of_nodes_is_stored_and_returned(clients: Clients, running: Running) -> None:
    name = running.name_of("colors/v1")

    clients.models.deploy_model(make_deployment(name, 3)).result(timeout=30)

    assert state_of(clients, name) == ("DEPLOYED", 3)


@pytest.mark.parametrize("node_count", [0, 101, -1])
def test_a_number_of_nodes_beyond_the_limits_of_google_is_rejected(
    clients: Clients, running: Running, node_count: int
) -> None:
    with pytest.raises(exceptions.BadRequest, match="from 1 to 100"):
        clients.models.deploy_model(make_deployment(running.name_of("colors/v1"), node_count))


def test_deployment_metadata_for_object_detection_is_rejected(clients: Clients, running: Running) -> None:
    request = {
        "name": running.name_of("colors/v1"),
        "image_object_detection_model_deployment_metadata": {"node_count": 1},
    }

    with pytest.raises(exceptions.BadRequest, match="image classification"):
        clients.models.deploy_model(request)


def test_deploying_during_undeployment_is_a_conflict(clients: Clients, running: Running) -> None:
    name = running.name_of("colors/v1")
    clients.models.undeploy_model(name=name)

    with pytest.raises(exceptions.Conflict, match="being deployed or undeployed"):
        clients.models.deploy_model(name=name)


# Google's Python clients have no call of WaitOperation, which the API has.
@pytest.mark.parametrize("version", ["v1", "v1beta1"])
def test_waiting_returns_the_completed_operation(running: Running, version: str) -> None:
    address = f"http://127.0.0.1:{running.rest_port}/{version}"

    begun = httpx.post(f"{address}/{running.name_of('colors/v1')}:undeploy", trust_env=False).json()
    waited = httpx.post(f"{address}/{begun['name']}:wait", json={"timeout": "20s"}, timeout=30, trust_env=False).json()

    assert "done" not in begun
    assert waited["done"] is True
    assert waited["metadata"]["@type"] == f"type.googleapis.com/google.cloud.automl.{version}.OperationMetadata"
