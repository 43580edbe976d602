"""Google credentials: found by google-auth when they are first needed."""

import re
from collections.abc import Mapping
from threading import Lock
from typing import Any

import google.auth
from google.auth import exceptions, impersonated_credentials
from google.auth.credentials import AnonymousCredentials, Credentials
from google.oauth2 import service_account

from lib.errors import CredentialsMissing

SCOPE = "https://www.googleapis.com/auth/cloud-platform"
_MISSING = (
    "No Google Cloud credentials found. Run `gcloud auth application-default login` on this server, or set"
    " [gcp_service_account] in .streamlit/secrets.toml, then try again."
)
# The address or the number of an account.
_SERVICE_ACCOUNT = re.compile(r"[a-z0-9][a-z0-9-]*@(?:[a-z0-9-]+\.)+gserviceaccount\.com|[0-9]{10,30}")


class Identity:
    """Credentials, found once: `service_account_key` if given, else Application Default Credentials.

    `impersonate` is the address of a service account to act as.
    """

    def __init__(self, service_account_key: Mapping[str, Any] | None = None, impersonate: str = "") -> None:
        self._key = dict(service_account_key) if service_account_key else None
        self._impersonate = impersonate
        self._lock = Lock()
        self._found: Credentials | None = None

    def get(self) -> Credentials:
        """Return the credentials. Raises CredentialsMissing."""
        with self._lock:
            if self._found is None:
                self._found = self._find()
            return self._found

    def describe(self) -> str:
        """Return whose credentials they are. Raises CredentialsMissing."""
        return describe(self.get())

    def _find(self) -> Credentials:
        source = self._find_source()
        if not self._impersonate:
            return source
        if not _SERVICE_ACCOUNT.fullmatch(self._impersonate):
            raise CredentialsMissing(
                "SECOND_LOOK_IMPERSONATE is not the address of a service account. Set it to one that ends in"
                " .gserviceaccount.com."
            )
        return impersonated_credentials.Credentials(  # type: ignore[no-untyped-call]
            source_credentials=source, target_principal=self._impersonate, target_scopes=[SCOPE]
        )

    def _find_source(self) -> Credentials:
        try:
            if self._key:
                return _read_key(self._key)
            credentials, _ = google.auth.default(scopes=[SCOPE])
        except exceptions.DefaultCredentialsError as error:
            raise CredentialsMissing(_MISSING) from error
        except (exceptions.GoogleAuthError, ValueError) as error:
            # Never the error's message: it may quote the key.
            raise CredentialsMissing(
                "[gcp_service_account] in .streamlit/secrets.toml, or the key file that GOOGLE_APPLICATION_CREDENTIALS"
                " names, is not a valid service account key. Create a new key, and put it there."
            ) from error
        return credentials


def _read_key(key: Mapping[str, Any]) -> Credentials:
    credentials: Credentials = service_account.Credentials.from_service_account_info(key, scopes=[SCOPE])  # type: ignore[no-untyped-call]
    return credentials


class NoCredentials(Identity):
    """The identity for servers that require no credentials."""

    def _find(self) -> Credentials:
        return AnonymousCredentials()  # type: ignore[no-untyped-call]


def describe(credentials: Credentials) -> str:
    """Return the credentials' address if they have one, else their kind. Never a secret."""
    if isinstance(credentials, AnonymousCredentials):
        return "nobody: this server asks for no credentials"
    address = getattr(credentials, "service_account_email", "") or getattr(credentials, "signer_email", "")
    if address and address != "default":
        return str(address)
    kinds = {
        "google.oauth2.credentials": "a person, signed in with gcloud",
        "google.auth.compute_engine": "this machine",
    }
    module = type(credentials).__module__
    return next((kind for prefix, kind in kinds.items() if module.startswith(prefix)), "workload identity federation")
