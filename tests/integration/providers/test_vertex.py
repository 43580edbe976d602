"""Behavior specific to Vertex AI: endpoints, request size limit, and tokens."""

import os
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pytest

from lib.domain.images import ImageLimits
from lib.errors import CredentialsMissing, ImageTooLarge, ModelGone, ServiceRefused, ServiceUnreachable
from lib.images.preparation import prepare_image
from lib.providers.credentials import NoCredentials
from lib.providers.projects import fixed_projects
from lib.providers.vertex import VertexClient
from lib.serving import PredictionService
from lib.serving.automl.rest_front import RestServer
from lib.serving.vertex import make_vertex_app
from tests.builders.checked_exports import make_service
from tests.builders.exports import NetworkPlan, make_export
from tests.builders.image_files import make_file, make_noise
from tests.builders.values import make_prepared_image
from tests.integration.providers.conftest import TIMEOUTS
from tests.integration.providers.test_contract import find, make_image

PARENT = "projects/my-project/locations/us-central1"


def make_client(url: str) -> VertexClient:
    return VertexClient(NoCredentials(), fixed_projects(["my-project"]), lambda _: url, TIMEOUTS)


@pytest.fixture
def client(vertex_url: str) -> Iterator[VertexClient]:
    client = make_client(vertex_url)
    yield client
    client.close()


def test_an_image_prepared_for_vertex_ai_fits_the_request_size_limit(client: VertexClient) -> None:
    large = prepare_image(
        make_file("PNG", make_noise((2000, 2000))), "noise.png", ImageLimits(sent_bytes=client.sent_bytes)
    )

    # Noise does not compress: the file has 12 MB.
    assert client.predict(find(client, "colors", "v1"), large).top is not None
    assert "because the provider accepts at most 1.1 MB" in large.image.steps[-1]


def test_an_image_too_large_for_vertex_ai_is_rejected_with_an_actionable_error(client: VertexClient) -> None:
    large = make_prepared_image(os.urandom(1_200_000))

    with pytest.raises(ImageTooLarge, match="Select v1, start a new session"):
        client.predict(find(client, "colors", "v1"), large)


def test_a_truncated_prediction_is_marked(colors: Path) -> None:
    # One label more than is asked for: nobody can know what the last one is.
    labels = tuple(f"label {number}" for number in range(10_001))
    make_export(colors / "many" / "v1", NetworkPlan(score_count=10_001), labels)
    provider = make_service(colors)
    rest = RestServer(provider.vertex_app, "127.0.0.1", 0)
    asking = make_client(f"http://127.0.0.1:{rest.port}")

    prediction = asking.predict(find(asking, "many", "v1"), make_image())
    whole = asking.predict(find(asking, "colors", "v1"), make_image())

    assert (len(prediction.labels), prediction.truncated) == (10_000, True)
    assert not whole.truncated
    asking.close()
    rest.stop()
    provider.stop()


def test_a_response_from_a_different_version_is_rejected(client: VertexClient, vertex_url: str) -> None:
    v1, v2 = find(client, "colors", "v1"), find(client, "colors", "v2")
    endpoint = str(client.find_resource(v1))
    model = {"model": v2.model_name, "displayName": "v2", "automaticResources": {"minReplicaCount": 1}}
    body = {"deployedModel": model, "trafficSplit": {"0": 100, deployed_id(vertex_url, endpoint): 0}}
    httpx.post(f"{vertex_url}/v1/{endpoint}:deployModel", json=body).raise_for_status()

    with pytest.raises(ServiceRefused, match="splits its traffic among versions"):
        client.predict(v1, make_image())


def deployed_id(url: str, endpoint: str) -> str:
    """Id of the only deployment on the endpoint."""
    (deployed,) = httpx.get(f"{url}/v1/{endpoint}").raise_for_status().json()["deployedModels"]
    return str(deployed["id"])


def test_a_version_deployed_by_another_client_is_found(client: VertexClient, vertex_url: str) -> None:
    version = find(client, "colors", "v1")
    elsewhere = make_client(vertex_url)

    list(elsewhere.undeploy(version))
    list(elsewhere.deploy(version, nodes=1))

    assert find(client, "colors", "v1").deployed
    assert client.predict(version, make_image()).top is not None
    elsewhere.close()


def test_a_rejected_token_raises_credentials_missing(server: PredictionService) -> None:
    app = make_vertex_app(server.models, token="a-token")
    rest = RestServer(app, "127.0.0.1", 0)
    client = make_client(f"http://127.0.0.1:{rest.port}")

    with pytest.raises(CredentialsMissing, match="does not accept these credentials"):
        client.find_versions("my-project", "us-central1")

    client.close()
    rest.stop()


def test_an_html_error_page_is_reported_by_its_status(tmp_path: Path) -> None:
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    proxy = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    Thread(target=proxy.serve_forever, daemon=True).start()
    client = make_client(f"http://127.0.0.1:{proxy.server_address[1]}")

    # It has no such file, and says so in HTML.
    with pytest.raises(ModelGone, match="cannot find the list of models"):
        client.find_versions("my-project", "us-central1")

    client.close()
    proxy.shutdown()
    proxy.server_close()


def test_a_server_that_is_not_running_is_unreachable() -> None:
    client = make_client("http://127.0.0.1:1")

    with pytest.raises(ServiceUnreachable, match="Cannot reach Vertex AI for the list of models"):
        client.find_versions("my-project", "us-central1")

    client.close()
