"""Text from URLs, stored rows and responses never directs a request to a foreign server."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

import pytest

from lib.domain.predictions import ModelVersion
from lib.errors import InvalidName, ModelGone, ServiceRefused, WrongRegion
from lib.providers.automl import AutomlClient
from lib.providers.automl_servers import google_server
from lib.providers.base import Provider
from lib.providers.credentials import NoCredentials
from lib.providers.guarded_requests import VERTEX_REGIONS, vertex_url
from lib.providers.projects import fixed_projects
from lib.providers.retries import Timeouts
from lib.providers.vertex import VertexClient
from tests.builders.hostile_names import HOSTILE_PARTS
from tests.builders.values import make_prepared_image
from tests.stand_ins.stranger import Stranger, serve_stranger
from tests.stand_ins.taken_over_google import LOCATION, Google
from tests.stand_ins.token_identity import TokenIdentity

AT_ONCE = Timeouts(call_s=5, retry_for_s=0)
TASKS: dict[str, Callable[[Provider, ModelVersion], object]] = {
    "predict": lambda provider, version: provider.predict(version, make_prepared_image()),
    "resource": lambda provider, version: provider.find_resource(version),
    "evaluations": lambda provider, version: provider.find_evaluations(version),
    "deploy": lambda provider, version: list(provider.deploy(version, 1)),
    "undeploy": lambda provider, version: list(provider.undeploy(version)),
}


@pytest.fixture(scope="module")
def trusted_stranger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stranger, Path]]:
    certificates = tmp_path_factory.mktemp("authority") / "authority.pem"
    with serve_stranger(certificates) as server:
        yield server, certificates


@pytest.fixture
def stranger(trusted_stranger: tuple[Stranger, Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[Stranger]:
    """A foreign server whose certificate this process trusts, and which must not be called."""
    server, certificates = trusted_stranger
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificates))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    yield server
    assert server.connections == 0


@pytest.fixture(params=["automl", "vertex"])
def provider(request: pytest.FixtureRequest) -> Iterator[Provider]:
    """Each provider of Google, with a token."""
    client: Provider
    if request.param == "vertex":
        client = VertexClient(TokenIdentity(), fixed_projects([]), vertex_url, AT_ONCE)
    else:
        client = AutomlClient(google_server(TokenIdentity(), fixed_projects([])), AT_ONCE)
    yield client
    client.close()


def make_stored(name: str, provider: str = "vertex") -> ModelVersion:
    """Return a version as an old database row may store it."""
    return ModelVersion(provider, name, "birds", "v1", "1")


@pytest.mark.parametrize("part", HOSTILE_PARTS)
def test_an_invalid_project_in_a_url_sends_no_request(provider: Provider, stranger: Stranger, part: str) -> None:
    with pytest.raises(InvalidName, match="not a Google Cloud project ID"):
        provider.find_versions(part.format(at=stranger.at), "us-central1")


@pytest.mark.parametrize("part", [*HOSTILE_PARTS, "local", "mars", "US-CENTRAL1", "us-central1.", "us-central1/"])
def test_an_unknown_region_in_a_url_sends_no_request(provider: Provider, stranger: Stranger, part: str) -> None:
    with pytest.raises(WrongRegion):
        provider.find_versions("my-project", part.format(at=stranger.at))


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("part", HOSTILE_PARTS)
@pytest.mark.parametrize("name", [
    "{part}", "projects/{part}/locations/us-central1/models/1", "projects/my-project/locations/{part}/models/1",
    LOCATION + "/models/1{part}!",
])  # fmt: skip
def test_an_invalid_stored_name_sends_no_request(
    provider: Provider, stranger: Stranger, name: str, part: str, task: str
) -> None:
    version = make_stored(name.format(part=part.format(at=stranger.at)))

    with pytest.raises(ModelGone, match="The stored name of v1 is not a model name"):
        TASKS[task](provider, version)


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("kind", ["automl", "vertex"])
def test_stored_names_of_unlisted_projects_send_no_request(kind: str, stranger: Stranger, task: str) -> None:
    listed = fixed_projects(["my-project"])
    client: Provider = VertexClient(TokenIdentity(), listed, vertex_url, AT_ONCE)
    if kind == "automl":
        client = AutomlClient(google_server(TokenIdentity(), listed), AT_ONCE)

    for project in ("other-project", "764086051850"):
        with pytest.raises(InvalidName, match="settings do not list this project"):
            TASKS[task](client, make_stored(f"projects/{project}/locations/us-central1/models/1"))
    with pytest.raises(InvalidName, match="settings do not list this project"):
        client.find_versions("other-project", "us-central1")

    client.close()


@pytest.fixture
def google() -> Iterator[Google]:
    server = Google()
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def client(google: Google) -> Iterator[VertexClient]:
    """A client of that server in one region; any other region becomes part of the URL."""

    def address_of(region: str) -> str:
        return google.url if region in VERTEX_REGIONS else f"https://{region}-aiplatform.googleapis.com"

    client = VertexClient(NoCredentials(), fixed_projects([]), address_of, AT_ONCE)
    yield client
    client.close()


# What leads to the stranger, to another region, to another project, and to another kind of resource.
ELSEWHERE = (
    "projects/a/locations/{at}#/{rest}",
    "projects/a/locations/{at}?/locations/us-central1/{rest}",
    "projects/a%2Flocations%2F{at}%23/locations/us-central1/{rest}",
    "projects/my-project/locations/us-central1/../../../{at}/{rest}",
    "https://{at}/projects/my-project/locations/us-central1/{rest}",
    "projects/my-project/locations/europe-west4/{rest}",
    "projects/other-project/locations/us-central1/{rest}",
    LOCATION + "/{rest}\r\nHost: {at}",
    LOCATION + "/{rest}/secrets/9",
    LOCATION + "/customJobs/9",
    "",
)
VERSION = make_stored(f"{LOCATION}/models/1@1")


@dataclass(frozen=True)
class Spot:
    """A response, the path to a name in it, the end of that name, and the request that uses it."""

    answer: str
    way: tuple[str | int, ...]
    rest: str
    task: str


SPOTS = [
    Spot(r"GET .*/models", ("models", 0, "name"), "models/1", "list"),
    Spot(r"GET .*/models/1:listVersions", ("models", 0, "name"), "models/1", "list"),
    Spot(r"GET .*/endpoints", ("endpoints", 0, "name"), "endpoints/2", "predict"),
    Spot(r"GET .*/endpoints", ("endpoints", 0, "name"), "endpoints/2", "undeploy"),
    Spot(r"GET .*/endpoints", ("endpoints", 0, "name"), "endpoints/2", "resource"),
    Spot(r"GET .*/evaluations", ("modelEvaluations", 0, "name"), "models/1/evaluations/5", "evaluations"),
    Spot(r"POST .*/endpoints", ("name",), "operations/6", "deploy"),
    Spot(r"POST .*/endpoints", ("response", "name"), "endpoints/2", "deploy"),
    Spot(r"POST .*:deployModel", ("name",), "endpoints/2/operations/7", "deploy"),
    Spot(r"POST .*:undeployModel", ("name",), "endpoints/2/operations/8", "undeploy"),
]


def ask(client: VertexClient, task: str) -> object:
    return client.find_versions("my-project", "us-central1") if task == "list" else TASKS[task](client, VERSION)


@pytest.mark.parametrize("task", ["list", *TASKS])
def test_names_in_the_requested_location_are_used(client: VertexClient, task: str) -> None:
    assert ask(client, task) is not None


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
@pytest.mark.parametrize("spot", SPOTS)
def test_a_name_in_another_location_sends_no_request(
    client: VertexClient, google: Google, stranger: Stranger, elsewhere: str, spot: Spot
) -> None:
    google.put(spot.answer, spot.way, elsewhere.format(at=stranger.at, rest=spot.rest))

    with pytest.raises(ServiceRefused, match="returned a resource name from another location"):
        ask(client, spot.task)

    assert [line for line in google.asked if f" /v1/{LOCATION}/" not in line] == []


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
def test_a_training_pipeline_in_another_location_is_ignored(
    client: VertexClient, google: Google, stranger: Stranger, elsewhere: str
) -> None:
    name = elsewhere.format(at=stranger.at, rest="trainingPipelines/4")
    google.put(r"GET .*/models/1:listVersions", ("models", 0, "trainingPipeline"), name)

    (served,) = client.find_versions("my-project", "us-central1")

    assert served.kind == ""
    assert not [line for line in google.asked if "ipeline" in line]


def test_a_response_may_contain_the_number_of_a_listed_project(client: VertexClient, google: Google) -> None:
    numbered = json.loads(json.dumps(google.answers).replace("my-project", "764086051850"))
    google.answers = numbered
    listed = VertexClient(NoCredentials(), fixed_projects(["my-project"]), lambda _: google.url, AT_ONCE)
    version = make_stored("projects/764086051850/locations/us-central1/models/1@1")

    with pytest.raises(InvalidName):
        listed.predict(version, make_prepared_image())
    (served,) = listed.find_versions("my-project", "us-central1")

    assert served.version.model_name == version.model_name
    assert served.version.deployed
    assert listed.predict(version, make_prepared_image()).top is not None
    listed.close()
