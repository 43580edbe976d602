"""The same tiny models behind all three services, each with the client that the app uses for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lib.providers.automl import AutomlClient
from lib.providers.automl_servers import built_in_server, other_server
from lib.providers.base import Provider
from lib.providers.credentials import NoCredentials
from lib.providers.projects import fixed_projects
from lib.providers.retries import Timeouts
from lib.providers.vertex import VertexClient
from lib.serving import PredictionService
from lib.serving.automl.rest_front import RestServer
from tests.builders.checked_exports import make_service
from tests.builders.evaluations import write_evaluations
from tests.builders.exports import NetworkPlan, make_export

# Long enough for a slow machine, and shorter than the fault model that never answers in time.
TIMEOUTS = Timeouts(call_s=5, retry_for_s=3)


@pytest.fixture
def colors(tmp_path: Path) -> Path:
    """Family `colors` with versions v1 (which has an evaluation), v2 and v10, and multi-label family `tags`."""
    for version in ("v1", "v2", "v10"):
        make_export(tmp_path / "colors" / version)
    write_evaluations(tmp_path / "colors" / "v1")
    make_export(tmp_path / "tags" / "final", NetworkPlan(head="LOGISTIC"))
    return tmp_path


@pytest.fixture
def server(colors: Path) -> Iterator[PredictionService]:
    """The built-in service over those, with the fault models."""
    provider = make_service(colors, fault_wait_s=10)
    yield provider
    provider.stop()


@pytest.fixture
def vertex_url(server: PredictionService) -> Iterator[str]:
    """The URL of the Vertex AI stand-in."""
    rest = RestServer(server.vertex_app, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{rest.port}"
    rest.stop()


@pytest.fixture(params=["built-in", "automl", "vertex"])
def provider(request: pytest.FixtureRequest, server: PredictionService) -> Iterator[Provider]:
    """Each of the three services in turn."""
    client: Provider
    if request.param == "vertex":
        url = request.getfixturevalue("vertex_url")
        client = VertexClient(NoCredentials(), fixed_projects(["my-project"]), lambda _: url, TIMEOUTS)
    else:
        target = f"127.0.0.1:{server.start_grpc()}"
        of_ours = request.param == "built-in"
        place = built_in_server(target) if of_ours else other_server(target, fixed_projects(["my-project"]))
        client = AutomlClient(place, TIMEOUTS)
    assert client.name == request.param
    yield client
    client.close()
