"""Where the app may listen without a sign-in."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lib.domain.people import Access, Role
from lib.errors import InvalidSettings
from lib.settings import ROOT
from lib.web.base_path import BasePath
from lib.web.startup_checks import check_address, check_sign_in, find_hosts


@pytest.mark.parametrize("address", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_local_connections_are_always_allowed(address: str) -> None:
    check_address(address, open_to_all=False)


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "192.168.1.7", "example.org", "", None])  # noqa: S104
def test_other_connections_require_a_setting(address: str | None) -> None:
    with pytest.raises(InvalidSettings, match="SECOND_LOOK_ALLOW_ANONYMOUS=1"):
        check_address(address, open_to_all=False)

    check_address(address, open_to_all=True)


def run_app(**settings: str) -> subprocess.CompletedProcess[str]:
    """Run the app with settings with which it must not start."""
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", "0"]
    environment = {**os.environ, **settings}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("STREAMLIT_SERVER_ADDRESS", "0.0.0.0", "Second Look has no sign-in and would listen on 0.0.0.0"),  # noqa: S104
        ("SECOND_LOOK_IMAGES_URL", "nowhere://images", "Images cannot be stored at SECOND_LOOK_IMAGES_URL"),
        ("SECOND_LOOK_DATABASE_URL", "oracle://look", "The database of SECOND_LOOK_DATABASE_URL"),
    ],
)
def test_the_app_does_not_start_with_an_invalid_setting(tmp_path: Path, name: str, value: str, sentence: str) -> None:
    ended = run_app(SECOND_LOOK_DATA_DIR=str(tmp_path), **{name: value})

    assert ended.returncode != 0
    assert sentence in ended.stderr + ended.stdout
    assert "Traceback" not in ended.stderr + ended.stdout


def test_the_server_accepts_its_own_names_by_default() -> None:
    assert find_hosts((), "", allow_anonymous=False) == {"localhost", "127.0.0.1", "[::1]"}
    assert find_hosts((), "look.example", allow_anonymous=False) == {"localhost", "127.0.0.1", "[::1]", "look.example"}
    assert find_hosts(("look.example",), "", allow_anonymous=True) == {"look.example"}
    assert find_hosts((), "", allow_anonymous=True) == frozenset()


PROVIDER = {"client_id": "look", "client_secret": "s", "server_metadata_url": "https://id.example/"}
AUTH = {"redirect_uri": "https://look.example/oauth2callback", "cookie_secret": "c" * 32, **PROVIDER}
ADA = Access({Role.ADMIN: frozenset({"ada@example.com"})})


@pytest.mark.parametrize(
    ("auth", "access", "sentence"),
    [
        (AUTH | {"redirect_uri": ""}, ADA, "needs redirect_uri"),
        (AUTH | {"redirect_uri": "https://look.example/"}, ADA, "needs redirect_uri"),
        (AUTH | {"cookie_secret": "short"}, ADA, "needs cookie_secret"),
        (AUTH | {"client_id": ""}, ADA, "needs client_id, client_secret, server_metadata_url"),
        (AUTH, Access(), "nobody is admitted"),
    ],
)
def test_a_sign_in_configuration_that_is_empty_or_forgeable_is_rejected(
    auth: dict[str, str], access: Access, sentence: str
) -> None:
    with pytest.raises(InvalidSettings, match=sentence):
        check_sign_in(auth, access, BasePath())


def test_a_sign_in_with_one_or_several_providers_is_accepted() -> None:
    shared = {name: value for name, value in AUTH.items() if name not in PROVIDER}

    check_sign_in(AUTH, ADA, BasePath())
    check_sign_in({**shared, "google": PROVIDER}, ADA, BasePath())


def test_sign_in_redirects_use_the_base_path() -> None:
    below = AUTH | {"redirect_uri": "https://look.example/look/oauth2callback"}

    check_sign_in(below, ADA, BasePath("/look"))
    with pytest.raises(
        InvalidSettings, match="needs redirect_uri: the app's own address followed by /look/oauth2callback"
    ):
        check_sign_in(AUTH, ADA, BasePath("/look"))
