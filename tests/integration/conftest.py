"""Real parts: the built-in service on a free port, and Google's client in front of it."""

from collections.abc import Iterator

import pytest

from lib.domain.predictions import ModelVersion
from lib.images.image_workers import ImageWorkers
from lib.providers.automl import AutomlClient
from lib.providers.automl_servers import built_in_server
from lib.providers.retries import Timeouts
from lib.serving import PredictionService
from lib.settings import ROOT


@pytest.fixture(scope="session")
def images() -> Iterator[ImageWorkers]:
    """Processes that decode images."""
    workers = ImageWorkers()
    yield workers
    workers.close()


@pytest.fixture(scope="session")
def service_port(images: ImageWorkers) -> Iterator[int]:
    """gRPC port of a running built-in service with the project's models and the fault models."""
    service = PredictionService(ROOT / "models", images=images, fault_wait_s=0.5)
    yield service.start_grpc("127.0.0.1:0")
    service.stop()


@pytest.fixture(scope="session")
def client(service_port: int) -> Iterator[AutomlClient]:
    """The client that the app uses; it tries again for three seconds."""
    client = AutomlClient(built_in_server(f"127.0.0.1:{service_port}"), Timeouts(retry_for_s=3))
    yield client
    client.close()


@pytest.fixture(scope="session")
def versions(client: AutomlClient) -> dict[str, ModelVersion]:
    """Everything that is served, by family and version name: "imagenet v1"."""
    found = [served.version for served in client.find_versions("second-look", "us-central1")]
    return {f"{version.family} {version.version}": version for version in found}
