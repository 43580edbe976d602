"""The visible projects, from a server that behaves like Resource Manager."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from google.cloud import resourcemanager_v3
from google.cloud.resourcemanager_v3.services.projects.transports import ProjectsGrpcTransport

from lib.errors import CredentialsMissing, PermissionMissing
from lib.providers.credentials import Identity, NoCredentials
from lib.providers.projects import Projects, fixed_projects, visible_projects

_SEARCH = "/google.cloud.resourcemanager.v3.Projects/SearchProjects"
_Request = resourcemanager_v3.SearchProjectsRequest.pb()
_Response = resourcemanager_v3.SearchProjectsResponse.pb()
Answer = Callable[[object, grpc.ServicerContext], object]


@pytest.fixture
def find_at() -> Iterator[Callable[[Answer], Projects]]:
    """Start a server with this response to a search, and return a function that lists its projects."""
    servers: list[grpc.Server] = []
    channels: list[grpc.Channel] = []

    def start(answer: Answer) -> Projects:
        handler = grpc.unary_unary_rpc_method_handler(answer, _Request.FromString, _Response.SerializeToString)
        provider, method = _SEARCH.strip("/").split("/")
        server = grpc.server(
            ThreadPoolExecutor(2), handlers=[grpc.method_handlers_generic_handler(provider, {method: handler})]
        )
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        servers.append(server)
        channels.append(grpc.insecure_channel(f"127.0.0.1:{port}", options=[("grpc.enable_http_proxy", 0)]))
        transport = ProjectsGrpcTransport(channel=channels[-1])
        return visible_projects(NoCredentials(), lambda _: resourcemanager_v3.ProjectsClient(transport=transport))

    yield start
    for channel in channels:
        channel.close()
    for server in servers:
        server.stop(None).wait()


def test_projects_of_all_pages_are_listed_alphabetically(
    find_at: Callable[[Answer], Projects],
) -> None:
    def answer(request: object, _: grpc.ServicerContext) -> object:
        if not request.page_token:  # type: ignore[attr-defined]
            return _Response(projects=[{"project_id": "second"}, {"project_id": "third"}], next_page_token="2")
        return _Response(projects=[{"project_id": "first"}])

    assert find_at(answer).find() == ["first", "second", "third"]


def test_an_account_without_visible_projects_gets_an_empty_list(find_at: Callable[[Answer], Projects]) -> None:
    assert find_at(lambda *_: _Response()).find() == []


def test_an_account_without_permission_gets_an_error_with_the_required_role(
    find_at: Callable[[Answer], Projects],
) -> None:
    def refuse(_: object, context: grpc.ServicerContext) -> object:
        context.abort(grpc.StatusCode.PERMISSION_DENIED, "The caller does not have permission")
        raise AssertionError

    with pytest.raises(PermissionMissing, match="roles/browser"):
        find_at(refuse).find()


def test_without_credentials_no_request_is_sent(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    monkeypatch.setenv("NO_GCE_CHECK", "true")

    with pytest.raises(CredentialsMissing):
        visible_projects(Identity()).find()


def test_a_fixed_list_of_projects_needs_no_request() -> None:
    assert fixed_projects(["one", "two"]).find() == ["one", "two"]
