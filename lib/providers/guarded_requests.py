"""The only place that attaches Google's credentials to requests: it checks the host, whatever was checked before."""

from collections.abc import Iterable
from typing import Any

import grpc
from google.auth.credentials import AnonymousCredentials, Credentials
from google.auth.transport.grpc import secure_authorized_channel
from google.auth.transport.requests import AuthorizedSession, Request
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter

from lib.errors import ServiceRefused
from lib.providers.google_hosts import CREDENTIAL_HOSTS

_GOOGLE = tuple(f"https://{host}/" for host in sorted(CREDENTIAL_HOSTS))


class GuardedSession(AuthorizedSession):
    """HTTP requests with credentials, to URLs that begin with one of `bases` and no others. Redirects are refused.

    The beginning is compared as text, up to the slash that ends the host: no reading of a URL can see another host.
    """

    def __init__(self, credentials: Credentials, bases: Iterable[str], connections: int) -> None:
        super().__init__(credentials)  # type: ignore[no-untyped-call]
        self._bases = tuple(f"{base.rstrip('/')}/" for base in bases)
        for scheme in ("https://", "http://"):
            self.mount(scheme, HTTPAdapter(pool_maxsize=connections))

    def request(self, method: str, url: str, *args: Any, **how: Any) -> Response:  # type: ignore[override]
        """As AuthorizedSession, which attaches the credentials. Raises ServiceRefused."""
        self._check(url)
        response: Response = super().request(method, url, *args, **how)  # type: ignore[no-untyped-call]
        return response

    def send(self, request: PreparedRequest, **how: Any) -> Response:
        """Send what was prepared. Raises ServiceRefused."""
        self._check(request.url or "")
        response: Response = super().send(request, **{**how, "allow_redirects": False})
        if response.is_redirect:
            raise ServiceRefused(
                "The service redirected the request to another address, which was not followed. Try again later."
            )
        return response

    def _check(self, url: str) -> None:
        if not url.startswith(self._bases):
            raise _refuse()


def open_session(credentials: Credentials, own_bases: Iterable[str], connections: int) -> GuardedSession:
    """A session for Google's hosts alone; where there are no credentials to protect, for `own_bases` alone."""
    is_anonymous = isinstance(credentials, AnonymousCredentials)
    return GuardedSession(credentials, own_bases if is_anonymous else _GOOGLE, connections)


def open_google_channel(credentials: Credentials, host: str, options: Iterable[tuple[str, int]] = ()) -> grpc.Channel:
    """A gRPC connection with credentials to one of Google's hosts. Raises ServiceRefused for any other."""
    if host not in CREDENTIAL_HOSTS:
        raise _refuse()
    return secure_authorized_channel(credentials, Request(), f"{host}:443", options=list(options))  # type: ignore[no-untyped-call]


def _refuse() -> ServiceRefused:
    return ServiceRefused("The address is not one of Google's services, so no credentials were sent to it.")
