"""The one place that attaches credentials, and the hosts that may receive them."""

from collections.abc import Iterable
from typing import Any

import grpc
from google.auth.credentials import AnonymousCredentials, Credentials
from google.auth.transport.grpc import secure_authorized_channel
from google.auth.transport.requests import AuthorizedSession, Request
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter

from lib.errors import ServiceRefused

AUTOML_HOSTS = {"us-central1": "automl.googleapis.com", "eu": "eu-automl.googleapis.com"}
"""The hosts of AutoML's two regions. Its client does not choose the host by itself.

Source: AutoML Vision documentation, "Using regional endpoints".
"""

RESOURCE_MANAGER_HOST = "cloudresourcemanager.googleapis.com"

# Source: Vertex AI documentation, "Vertex AI locations", AutoML image; the default one first.
VERTEX_REGIONS = (
    "us-central1",
    "us-east1",
    "us-east4",
    "us-west1",
    "us-west2",
    "northamerica-northeast1",
    "europe-west1",
    "europe-west2",
    "europe-west3",
    "europe-west4",
    "europe-west6",
    "europe-west9",
    "asia-east1",
    "asia-east2",
    "asia-northeast1",
    "asia-northeast3",
    "asia-south1",
    "asia-southeast1",
    "australia-southeast1",
)
_VERTEX_HOSTS = {region: f"{region}-aiplatform.googleapis.com" for region in VERTEX_REGIONS}

OWN_REGION = "local"
"""A region of the built-in service and of other servers, never of Google."""

REGIONS = frozenset({*AUTOML_HOSTS, *VERTEX_REGIONS, OWN_REGION})
"""Every region that a resource name may have."""

CREDENTIAL_HOSTS = frozenset({*AUTOML_HOSTS.values(), *_VERTEX_HOSTS.values(), RESOURCE_MANAGER_HOST})
"""The only hosts that receive Google's credentials, over TLS on port 443."""


def vertex_url(region: str) -> str:
    """Return the URL of Vertex AI in one of VERTEX_REGIONS. Raises KeyError for any other region."""
    return f"https://{_VERTEX_HOSTS[region]}"


_GOOGLE = tuple(f"https://{host}/" for host in sorted(CREDENTIAL_HOSTS))


class GuardedSession(AuthorizedSession):
    """HTTP requests with credentials, only to URLs that start with one of `bases`. Redirects are refused.

    The start is compared as text, up to the slash after the host, so that no parser of URLs can see another host.
    """

    def __init__(self, credentials: Credentials, bases: Iterable[str], connections: int) -> None:
        super().__init__(credentials)  # type: ignore[no-untyped-call]
        self._bases = tuple(f"{base.rstrip('/')}/" for base in bases)
        for scheme in ("https://", "http://"):
            self.mount(scheme, HTTPAdapter(pool_maxsize=connections))

    def request(self, method: str, url: str, *args: Any, **options: Any) -> Response:  # type: ignore[override]
        """Send a request with the credentials, as AuthorizedSession does. Raises ServiceRefused."""
        self._check(url)
        response: Response = super().request(method, url, *args, **options)  # type: ignore[no-untyped-call]
        return response

    def send(self, request: PreparedRequest, **options: Any) -> Response:
        """Send a prepared request. Raises ServiceRefused."""
        self._check(request.url or "")
        response: Response = super().send(request, **{**options, "allow_redirects": False})
        if response.is_redirect:
            raise ServiceRefused(
                "The provider redirected the request to another address, which was not followed. Try again later."
            )
        return response

    def _check(self, url: str) -> None:
        if not url.startswith(self._bases):
            raise _refuse()


def open_session(credentials: Credentials, own_bases: Iterable[str], connections: int) -> GuardedSession:
    """Return a session for Google's hosts or, without credentials to protect, for `own_bases`."""
    is_anonymous = isinstance(credentials, AnonymousCredentials)
    return GuardedSession(credentials, own_bases if is_anonymous else _GOOGLE, connections)


def open_google_channel(credentials: Credentials, host: str, options: Iterable[tuple[str, int]] = ()) -> grpc.Channel:
    """Return a gRPC channel with credentials to one of Google's hosts. Raises ServiceRefused for any other."""
    if host not in CREDENTIAL_HOSTS:
        raise _refuse()
    return secure_authorized_channel(credentials, Request(), f"{host}:443", options=list(options))  # type: ignore[no-untyped-call]


def _refuse() -> ServiceRefused:
    return ServiceRefused("The address is not a Google service, so no credentials were sent to it.")
