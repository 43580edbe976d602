"""Server errors, over gRPC as from AutoML and REST as from Vertex AI, and the messages shown for them."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import grpc
import pytest
from grpc import StatusCode

from lib.errors import (
    ApiDisabled,
    CredentialsMissing,
    ImageTooLarge,
    ModelGone,
    PermissionMissing,
    PredictionTimedOut,
    ServiceBusy,
    ServiceError,
    ServiceRefused,
    ServiceUnreachable,
    WrongRegion,
)
from lib.providers.automl import AutomlClient
from lib.providers.automl_servers import other_server
from lib.providers.base import Provider
from lib.providers.credentials import NoCredentials
from lib.providers.projects import fixed_projects
from lib.providers.retries import Timeouts
from lib.providers.vertex import VertexClient

_AT_ONCE = Timeouts(call_s=10, retry_for_s=0)


@dataclass(frozen=True)
class Said:
    """An error of a server; `http` is its status over REST."""

    code: StatusCode
    http: int
    words: str


# Google's words: FACTS of both services (their documents, issue threads, and google-auth itself).
ERRORS: list[tuple[Said, type[ServiceError], str]] = [
    (
        Said(StatusCode.INVALID_ARGUMENT, 400, "Model ID is invalid. It should start with 3 letters."),
        ModelGone,
        "If it is a Vertex AI model, choose that provider in the sidebar.",
    ),
    (Said(StatusCode.INVALID_ARGUMENT, 400, "Invalid resource ID"), ModelGone, ", not its name. Choose the version"),
    (
        Said(
            StatusCode.INVALID_ARGUMENT,
            400,
            "The provided location ID doesn't match the endpoint. For this location ID use eu-automl.googleapis.com.",
        ),
        WrongRegion,
        "Choose the region",
    ),
    (
        Said(StatusCode.PERMISSION_DENIED, 403, "Permission 'models.list' denied on resource."),
        PermissionMissing,
        "Ask an administrator of the project to grant roles/",
    ),
    (
        Said(
            StatusCode.PERMISSION_DENIED,
            403,
            "API has not been used in project 764086051850 before or it is disabled. Enable it, then retry.",
        ),
        ApiDisabled,
        "gcloud services enable ",
    ),
    (
        Said(StatusCode.UNAUTHENTICATED, 401, "Request had invalid authentication credentials."),
        CredentialsMissing,
        "does not accept these credentials",
    ),
    (
        Said(StatusCode.UNAVAILABLE, 503, "Getting metadata from plugin failed with error: invalid_grant"),
        CredentialsMissing,
        "have expired or were revoked",
    ),
    (Said(StatusCode.UNAVAILABLE, 503, "The service is currently unavailable."), ServiceUnreachable, "try again"),
    (Said(StatusCode.RESOURCE_EXHAUSTED, 429, "Quota exceeded for requests."), ServiceBusy, "too many requests"),
    (
        Said(StatusCode.RESOURCE_EXHAUSTED, 429, "Received message larger than max (5242880 vs. 4194304)"),
        ImageTooLarge,
        "Save it smaller",
    ),
    (
        Said(StatusCode.FAILED_PRECONDITION, 400, "The request size (2000000 bytes) exceeds 1.500MB limit."),
        ImageTooLarge,
        "scaled down once, for all versions",
    ),
    (Said(StatusCode.NOT_FOUND, 404, "The model does not exist."), ModelGone, "Choose another version"),
    (Said(StatusCode.DEADLINE_EXCEEDED, 504, "Deadline exceeded."), PredictionTimedOut, "timed out on"),
    (Said(StatusCode.INTERNAL, 500, "Something of Google's own."), ServiceRefused, "Something of Google's own."),
]


@pytest.fixture
def start_automl() -> Iterator[Callable[[Said], Provider]]:
    """Start an AutoML server that always returns this error, and return a client of it."""
    servers: list[grpc.Server] = []

    def start(said: Said) -> Provider:
        def refuse(_: bytes, context: grpc.ServicerContext) -> None:
            context.abort(said.code, said.words)

        class Everything(grpc.GenericRpcHandler):  # type: ignore[misc]
            def service(self, _: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
                return grpc.unary_unary_rpc_method_handler(refuse)

        server = grpc.server(ThreadPoolExecutor(2), handlers=[Everything()])
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        servers.append(server)
        return AutomlClient(other_server(f"127.0.0.1:{port}", fixed_projects([])), _AT_ONCE)

    yield start
    for server in servers:
        server.stop(None).wait()


@pytest.fixture
def start_vertex() -> Iterator[Callable[[Said], Provider]]:
    """The same for Vertex AI."""
    servers: list[ThreadingHTTPServer] = []

    def start(said: Said) -> Provider:
        error = {"error": {"code": said.http, "message": said.words, "status": said.code.name}}

        class Refusing(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = json.dumps(error).encode()
                self.send_response(said.http)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Says nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Refusing)
        Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        url = f"http://127.0.0.1:{server.server_address[1]}"
        return VertexClient(NoCredentials(), fixed_projects([]), lambda _: url, _AT_ONCE)

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(("said", "kind", "words"), ERRORS)
@pytest.mark.parametrize("server", ["start_automl", "start_vertex"])
def test_every_known_server_error_becomes_an_app_error_message(
    request: pytest.FixtureRequest, server: str, said: Said, kind: type[ServiceError], words: str
) -> None:
    with closing(request.getfixturevalue(server)(said)) as client, pytest.raises(ServiceError) as caught:
        client.find_versions("my-project", "us-central1")

    assert type(caught.value) is kind
    assert words in str(caught.value)
