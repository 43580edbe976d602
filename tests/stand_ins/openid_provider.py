"""An OpenID provider in a process of its own, at which people sign in with one click."""

import json
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.stand_ins.app_server import free_port, wait_until_up

# Who signs in there: their name at the provider, their address, and whether the provider has verified it.
PEOPLE = {
    "ada": ("ada@example.com", True),
    "grace": ("grace@example.com", True),
    "eve": ("eve@example.net", True),
    "unverified-ada": ("ada@example.com", False),
}


class OpenIdProvider:
    """`oidc-provider-mock`, on a free port."""

    def __init__(self, folder: Path) -> None:
        self.url = f"http://localhost:{free_port()}"
        self._log = folder / "provider.log"

    def __enter__(self) -> Self:
        users = [self._describe(name) for name in PEOPLE]
        command = [sys.executable, "-m", "oidc_provider_mock", "--port", self.url.rpartition(":")[2]]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                command + [word for user in users for word in ("--user-claims", user)], stdout=log, stderr=log
            )
        wait_until_up(self._process, f"{self.url}/.well-known/openid-configuration", self._log)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.terminate()
        self._process.wait(10)

    def write_secrets(self, file: Path, app_url: str) -> None:
        """Secrets of an app at this address whose people sign in here, with secrets that must never be seen."""
        file.write_text(
            f"""
            [auth]
            redirect_uri = "{app_url}/oauth2callback"
            cookie_secret = "{PLANTED["cookie"]}"
            client_id = "second-look"
            client_secret = "{PLANTED["client"]}"
            server_metadata_url = "{self.url}/.well-known/openid-configuration"

            [gcp_service_account]
            type = "service_account"
            client_email = "look@my-project.iam.gserviceaccount.com"
            token_uri = "https://oauth2.googleapis.com/token"
            private_key = "{PLANTED["key"]}"
            """,
            encoding="utf-8",
        )

    def _describe(self, name: str) -> str:
        address, verified = PEOPLE[name]
        return json.dumps({"sub": name, "email": address, "email_verified": verified, "name": name.title()})


PLANTED = {
    "cookie": "planted-cookie-secret-0123456789abcdef",
    "client": "planted-client-secret-0123456789abcdef",
    "key": "planted-private-key-0123456789abcdef",
}
"""Secrets of the operator, by what they are for."""
