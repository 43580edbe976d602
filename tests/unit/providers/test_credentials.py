"""Which credentials are used, with a local token server."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from google.auth.transport.requests import AuthorizedSession

from lib.errors import CredentialsMissing
from lib.providers.credentials import Identity, NoCredentials
from tests.stand_ins.service_account import ADDRESS, make_key, serve_tokens


@pytest.fixture
def token_server() -> Iterator[str]:
    with serve_tokens() as url:
        yield url


@pytest.fixture
def key(token_server: str) -> dict[str, Any]:
    return make_key(token_server)


@pytest.fixture(autouse=True)
def no_other_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An environment without credentials, outside Google Cloud."""
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    monkeypatch.setenv("NO_GCE_CHECK", "true")


def test_the_service_account_in_the_secrets_is_used(key: dict[str, Any], token_server: str) -> None:
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


def test_the_gcloud_user_credentials_are_used(tmp_path: Path) -> None:
    signed_in = {
        "type": "authorized_user",
        "client_id": "id",
        "client_secret": "secret",
        "refresh_token": "refresh",
    }
    (tmp_path / "application_default_credentials.json").write_text(json.dumps(signed_in), encoding="utf-8")

    assert Identity().describe() == "a person, signed in with gcloud"


def test_missing_credentials_raise_an_actionable_error() -> None:
    with pytest.raises(CredentialsMissing, match="gcloud auth application-default login"):
        Identity().get()


def test_an_invalid_key_is_not_included_in_the_error(key: dict[str, Any]) -> None:
    broken = {**key, "private_key": "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n"}

    with pytest.raises(CredentialsMissing, match="is not a valid service account key") as caught:
        Identity(broken).get()

    assert "c2VjcmV0" not in str(caught.value)


def test_another_service_account_can_be_impersonated(key: dict[str, Any]) -> None:
    assert Identity(key, impersonate="other@my-project.iam.gserviceaccount.com").describe() == (
        "other@my-project.iam.gserviceaccount.com"
    )


@pytest.mark.parametrize("account", ["104857600000000000000", "me@example.com.iam.gserviceaccount.com"])
def test_a_service_account_may_have_a_number_or_a_custom_domain(key: dict[str, Any], account: str) -> None:
    assert Identity(key, impersonate=account).describe() == account


@pytest.mark.parametrize(
    "account",
    ["robot", "ada@example.com", "../x@my-project.iam.gserviceaccount.com", "a@b.iam.gserviceaccount.com:443/#"],
)
def test_an_invalid_service_account_is_not_impersonated(key: dict[str, Any], account: str) -> None:
    with pytest.raises(CredentialsMissing, match="SECOND_LOOK_IMPERSONATE is not the address of a service account"):
        Identity(key, impersonate=account).get()


def test_a_custom_server_is_called_anonymously(token_server: str) -> None:
    session = AuthorizedSession(NoCredentials().get())  # type: ignore[no-untyped-call]

    assert session.get(token_server).text == "None"
    assert "nobody" in NoCredentials().describe()
    session.close()  # type: ignore[no-untyped-call]
