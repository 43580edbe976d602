"""Whose credentials are used, found where Google's libraries look for them, with a token server of our own."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth.transport.requests import AuthorizedSession

from lib.clients.credentials import Identity, Nobody
from lib.errors import CredentialsMissing

ADDRESS = "robot@my-project.iam.gserviceaccount.com"


class TokenServer(BaseHTTPRequestHandler):
    """Gives out one token to whoever asks."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        body = json.dumps({"access_token": "a-token", "expires_in": 3600, "token_type": "Bearer"}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        """Says which authorization it got."""
        self.send_response(200)
        self.end_headers()
        self.wfile.write(str(self.headers["Authorization"]).encode())

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def token_server() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), TokenServer)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def key(token_server: str) -> dict[str, Any]:
    """A key as Google makes them for service accounts."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return {
        "type": "service_account",
        "project_id": "my-project",
        "private_key_id": "1",
        "private_key": pem.decode(),
        "client_email": ADDRESS,
        "token_uri": f"{token_server}/token",
    }


@pytest.fixture(autouse=True)
def no_other_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As on a machine where nobody has signed in, and which is none of Google's."""
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    monkeypatch.setenv("NO_GCE_CHECK", "true")


def test_the_service_account_of_the_secrets_is_used(key: dict[str, Any], token_server: str) -> None:
    identity = Identity(key)

    session = AuthorizedSession(identity.get())  # type: ignore[no-untyped-call]

    assert session.get(token_server).text == "Bearer a-token"
    assert identity.describe() == ADDRESS
    session.close()  # type: ignore[no-untyped-call]


def test_a_key_file_named_in_the_environment_is_used(
    key: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "key.json"
    file.write_text(json.dumps(key), encoding="utf-8")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(file))

    assert Identity().describe() == ADDRESS


def test_a_person_who_signed_in_with_gcloud_is_used(tmp_path: Path) -> None:
    signed_in = {
        "type": "authorized_user",
        "client_id": "id",
        "client_secret": "secret",
        "refresh_token": "refresh",
    }
    (tmp_path / "application_default_credentials.json").write_text(json.dumps(signed_in), encoding="utf-8")

    assert Identity().describe() == "a person, signed in with gcloud"


def test_without_any_credentials_it_says_what_to_do() -> None:
    with pytest.raises(CredentialsMissing, match="gcloud auth application-default login"):
        Identity().get()


def test_a_broken_key_is_not_quoted(key: dict[str, Any]) -> None:
    broken = {**key, "private_key": "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n"}

    with pytest.raises(CredentialsMissing, match="is no key of a service account") as caught:
        Identity(broken).get()

    assert "c2VjcmV0" not in str(caught.value)


def test_another_service_account_can_be_impersonated(key: dict[str, Any]) -> None:
    assert Identity(key, impersonate="other@my-project.iam.gserviceaccount.com").describe() == (
        "other@my-project.iam.gserviceaccount.com"
    )


def test_a_server_of_our_own_is_asked_as_nobody(token_server: str) -> None:
    session = AuthorizedSession(Nobody().get())  # type: ignore[no-untyped-call]

    assert session.get(token_server).text == "None"
    assert "nobody" in Nobody().describe()
    session.close()  # type: ignore[no-untyped-call]
