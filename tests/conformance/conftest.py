"""The running service with the project's own models, and all of Google's clients in front of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import grpc
import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import automl_v1, automl_v1beta1

from lib.serving.automl.rest_front import RestServer
from lib.serving.service import PredictionService
from lib.settings import ROOT
from tests.builders.checked_exports import make_service
from tests.builders.evaluations import write_evaluations
from tests.builders.exports import make_export

LOCATION = "projects/my-project/locations/us-central1"
_OPTIONS = [
    ("grpc.enable_http_proxy", 0),
    ("grpc.max_send_message_length", -1),
    ("grpc.max_receive_message_length", -1),
]


@dataclass(frozen=True)
class Clients:
    """Both clients of one API version over one transport, and the module of its messages."""

    automl: Any
    models: Any
    predictions: Any


@dataclass(frozen=True)
class Running:
    """A service that answers on two ports of this machine."""

    service: PredictionService
    grpc_port: int
    rest_port: int

    def name_of(self, version: str) -> str:
        """Resource name of a version such as `imagenet/v1`."""
        found = (each for each in self.service.models if f"{each.family}/{each.version}" == version)
        return f"{LOCATION}/models/{next(found).model_id}"


@contextmanager
def run(service: PredictionService) -> Iterator[Running]:
    """Run the service until the block ends."""
    rest = RestServer(service.rest_app, "127.0.0.1", 0)
    try:
        yield Running(service, service.start_grpc(), rest.port)
    finally:
        rest.stop()
        service.stop()


@pytest.fixture(scope="session")
def running() -> Iterator[Running]:
    """The service with the project's own models, running for all tests."""
    with run(PredictionService(ROOT / "models", fault_wait_s=0)) as running:
        yield running


@contextmanager
def connect(running: Running) -> Iterator[dict[str, Clients]]:
    """Clients by version and transport, such as `v1 grpc`."""
    over_rest = {
        "host": f"127.0.0.1:{running.rest_port}",
        "url_scheme": "http",
        "credentials": AnonymousCredentials(),  # type: ignore[no-untyped-call]
    }
    with grpc.insecure_channel(f"127.0.0.1:{running.grpc_port}", options=_OPTIONS) as channel:
        yield {
            "v1 grpc": make_clients(automl_v1, "grpc", channel=channel),
            "v1beta1 grpc": make_clients(automl_v1beta1, "grpc", channel=channel),
            "v1 rest": make_clients(automl_v1, "rest", **over_rest),
            "v1beta1 rest": make_clients(automl_v1beta1, "rest", **over_rest),
        }


@pytest.fixture(scope="session")
def evaluated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A service of colors/v1, which was evaluated, and of colors/v2, which was not."""
    models_dir = tmp_path_factory.mktemp("models")
    write_evaluations(make_export(models_dir / "colors" / "v1"))
    make_export(models_dir / "colors" / "v2")
    with run(make_service(models_dir)) as running:
        yield running


@pytest.fixture(scope="session")
def all_clients(running: Running) -> Iterator[dict[str, Clients]]:
    """All clients of the running service."""
    with connect(running) as clients:
        yield clients


def make_clients(automl: Any, transport: str, **options: Any) -> Clients:
    """Both clients of a version over `transport`, which gets the options."""
    models = automl.AutoMlClient.get_transport_class(transport)(**options)
    predictions = automl.PredictionServiceClient.get_transport_class(transport)(**options)
    return Clients(automl, automl.AutoMlClient(transport=models), automl.PredictionServiceClient(transport=predictions))


@pytest.fixture(params=["v1 grpc", "v1beta1 grpc", "v1 rest", "v1beta1 rest"])
def clients(request: pytest.FixtureRequest, all_clients: dict[str, Clients]) -> Clients:
    """Each pair of clients in turn."""
    return all_clients[request.param]
