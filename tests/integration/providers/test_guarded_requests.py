"""Credentials are sent only to Google's hosts."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from google.auth.credentials import AnonymousCredentials
from google.auth.transport.requests import AuthorizedSession
from google.oauth2.credentials import Credentials

from lib.errors import ServiceRefused
from lib.providers.guarded_requests import (
    AUTOML_HOSTS,
    VERTEX_REGIONS,
    GuardedSession,
    open_google_channel,
    open_session,
)
from lib.providers.resource_names import Location
from lib.providers.vertex_rest import VertexRest
from tests.stand_ins.stranger import Stranger, serve_stranger
from tests.stand_ins.token_identity import TokenIdentity

GOOGLE = "https://us-central1-aiplatform.googleapis.com"


@pytest.fixture
def stranger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stranger]:
    """A foreign server whose certificate this process trusts."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "authority.pem"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serve_stranger(tmp_path / "authority.pem") as server:
        yield server


@pytest.fixture
def redirecting(stranger: Stranger) -> Iterator[str]:
    """A server that redirects /307 to the foreign server with status 307."""

    class Redirect(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(int(self.path.strip("/")))
            self.send_header("Location", f"https://{stranger.at}/")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Redirect)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def make_credentials() -> Credentials:
    return Credentials("a-token")  # type: ignore[no-untyped-call]


def test_without_the_guard_a_foreign_server_receives_the_token(stranger: Stranger) -> None:
    """The control: without the guard, the requests in the other tests would reach the foreign server."""
    project = f"a/locations/{stranger.at}#"
    name = f"projects/{project}/locations/us-central1/models"
    session = AuthorizedSession(make_credentials())  # type: ignore[no-untyped-call]

    # The host was once cut out of the name.
    session.get(f"https://{name.split('/')[3]}-aiplatform.googleapis.com/v1/{name}")

    assert stranger.tokens == ["Bearer a-token"]
    session.close()  # type: ignore[no-untyped-call]


@pytest.mark.parametrize("url", [
    "https://{at}/v1", "https://{at}#-aiplatform.googleapis.com/v1/projects", "http://{at}/", "HTTPS://{at}/",
    GOOGLE + "@{at}/", GOOGLE + ".{at}/", GOOGLE + ":443@{at}/", GOOGLE + "\\@{at}/", GOOGLE + "\t@{at}/",
    "https://x:y@{at}/", " https://{at}/", "//{at}/", GOOGLE, GOOGLE + "?@{at}/", GOOGLE + "#@{at}/",
    GOOGLE.replace("https", "http") + "/", GOOGLE + ":443/", GOOGLE + ":8443/",
    GOOGLE.replace(".com", ".com.evil") + "/",
    GOOGLE.replace("googleapis.com", "googleapis。com") + "/", GOOGLE.replace("us-central1", "evil") + "/",
    "https://{at}/" + GOOGLE + "/", "file:///etc/passwd", "",
])  # fmt: skip
def test_a_url_outside_the_hosts_of_google_is_rejected(stranger: Stranger, url: str) -> None:
    session = open_session(make_credentials(), [f"https://{stranger.at}"], connections=1)

    with pytest.raises(ServiceRefused, match="no credentials were sent"):
        session.request("GET", url.format(at=stranger.at))

    assert stranger.connections == 0
    session.close()  # type: ignore[no-untyped-call]


def test_a_custom_server_is_not_called_with_credentials(stranger: Stranger) -> None:
    rest = VertexRest(TokenIdentity(), lambda _: f"https://{stranger.at}", VERTEX_REGIONS)

    with pytest.raises(ServiceRefused):
        rest.get(Location("my-project", "us-central1"), "/models")

    assert stranger.connections == 0
    rest.close()


def test_a_custom_server_is_called_without_credentials(stranger: Stranger) -> None:
    session = open_session(AnonymousCredentials(), [f"https://{stranger.at}"], connections=1)  # type: ignore[no-untyped-call]

    session.request("GET", f"https://{stranger.at}/v1")

    assert stranger.tokens == [None]
    session.close()  # type: ignore[no-untyped-call]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(redirecting: str, stranger: Stranger, status: int) -> None:
    session = GuardedSession(make_credentials(), [redirecting], connections=1)

    with pytest.raises(ServiceRefused, match="was not followed"):
        session.request("GET", f"{redirecting}/{status}", allow_redirects=True)

    assert stranger.connections == 0
    session.close()  # type: ignore[no-untyped-call]


@pytest.mark.parametrize("host", [
    "{at}", "automl.googleapis.com@{at}", "automl.googleapis.com:443", "automl.googleapis.com.", "", "evil.example",
    "dns:///automl.googleapis.com", "unix:/tmp/socket", "AUTOML.googleapis.com", "automl.googleapis.com#{at}",
])  # fmt: skip
def test_a_grpc_channel_with_credentials_is_opened_only_to_hosts_of_google(stranger: Stranger, host: str) -> None:
    with pytest.raises(ServiceRefused, match="no credentials were sent"):
        open_google_channel(make_credentials(), host.format(at=stranger.at))

    assert stranger.connections == 0


def test_a_grpc_channel_can_be_opened_to_every_automl_host() -> None:
    for host in AUTOML_HOSTS.values():
        open_google_channel(make_credentials(), host).close()
