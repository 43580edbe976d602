"""Resource names in responses of an AutoML server: names in other locations are rejected."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest
from google.cloud import automl_v1 as automl
from google.longrunning import operations_pb2

from lib.domain.predictions import ModelVersion
from lib.errors import ServiceRefused
from lib.providers.automl import AutomlClient
from lib.providers.automl_servers import other_server
from lib.providers.projects import fixed_projects
from lib.providers.retries import Timeouts

LOCATION = "projects/my-project/locations/us-central1"
ELSEWHERE = (
    "projects/a/locations/127.0.0.1:443#/{rest}",
    "projects/my-project/locations/eu/{rest}",
    "projects/other-project/locations/us-central1/{rest}",
    LOCATION + "/{rest}/x",
    "",
)
VERSION = ModelVersion("automl", f"{LOCATION}/models/ICN1", "birds", "v1", "1")
Ask = Callable[[dict[str, str]], AutomlClient]


class Answers(grpc.GenericRpcHandler):  # type: ignore[misc]
    """Responses by method name; `names` are the resource names in them."""

    def __init__(self, names: dict[str, str], asked: list[str]) -> None:
        self._asked = asked
        self._answers: dict[str, Any] = {
            "ListDatasets": automl.ListDatasetsResponse.pb()(datasets=[{"name": names["dataset"]}]),
            "ListModels": automl.ListModelsResponse.pb()(model=[{"name": names["model"], "dataset_id": "ICN2"}]),
            "DeployModel": operations_pb2.Operation(name=names["operation"]),
            "UndeployModel": operations_pb2.Operation(name=names["operation"]),
        }

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
        method = details.method.rpartition("/")[2]
        self._asked.append(method)
        return grpc.unary_unary_rpc_method_handler(lambda *_: self._answers[method].SerializeToString())


@pytest.fixture
def asked() -> list[str]:
    """The methods that were called."""
    return []


@pytest.fixture
def connect(asked: list[str]) -> Iterator[Ask]:
    """Start a server whose responses contain `names`, the rest valid, and return a client of it."""
    servers: list[grpc.Server] = []
    clients: list[AutomlClient] = []

    def start(names: dict[str, str]) -> AutomlClient:
        usual = {"dataset": f"{LOCATION}/datasets/ICN2", "model": VERSION.model_name, "operation": ""}
        server = grpc.server(ThreadPoolExecutor(2), handlers=[Answers({**usual, **names}, asked)])
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        servers.append(server)
        clients.append(AutomlClient(other_server(f"127.0.0.1:{port}", fixed_projects([])), Timeouts(5, 0)))
        return clients[-1]

    yield start
    for client in clients:
        client.close()
    for server in servers:
        server.stop(None).wait()


def test_names_in_the_requested_location_are_accepted(connect: Ask) -> None:
    (served,) = connect({}).find_versions("my-project", "us-central1")

    assert served.version.model_name == VERSION.model_name


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
@pytest.mark.parametrize(("kind", "rest"), [("model", "models/ICN1"), ("dataset", "datasets/ICN2")])
def test_a_model_or_dataset_in_another_location_is_rejected(connect: Ask, kind: str, rest: str, elsewhere: str) -> None:
    client = connect({kind: elsewhere.format(rest=rest)})

    with pytest.raises(ServiceRefused, match="returned a resource name from another location"):
        client.find_versions("my-project", "us-central1")


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
def test_an_operation_in_another_location_is_not_polled(connect: Ask, asked: list[str], elsewhere: str) -> None:
    client = connect({"operation": elsewhere.format(rest="operations/ICN3")})

    for steps in (client.deploy(VERSION, 1), client.undeploy(VERSION)):
        with pytest.raises(ServiceRefused, match="returned a resource name from another location"):
            list(steps)

    assert asked == ["DeployModel", "UndeployModel"]
