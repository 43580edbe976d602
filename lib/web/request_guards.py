"""Guards before all routes: the host that is addressed, the site that a request comes from, and signing out."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from lib.web.base_path import HEALTH, BasePath

_UNKNOWN_HOST = (
    "This server has another host name. Use the one in the address of its pages, or ask the operator to add this one to"
    " SECOND_LOOK_HOSTS."
)


class HostGuard:
    """ASGI middleware that refuses requests for other hosts than `hosts`: lower-case names without ports.

    With no hosts, any name is accepted. Health checks may use any name: load balancers do.
    """

    def __init__(self, app: ASGIApp, *, hosts: frozenset[str], base: BasePath) -> None:
        self._app = app
        self._hosts = hosts
        self._health = {*HEALTH, *map(base.join, HEALTH)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if (
            scope["type"] == "lifespan"
            or not self._hosts
            or scope["path"] in self._health
            or find_host(HTTPConnection(scope)) in self._hosts
        ):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await PlainTextResponse(_UNKNOWN_HOST, 403)(scope, receive, send)


def find_host(connection: HTTPConnection) -> str:
    """Return the host name that a request addresses."""
    host = connection.headers.get("host", "").lower()
    # An IPv6 address is in brackets, and has colons of its own.
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdecimal() else host


_ORIGIN = re.compile(r"(?P<scheme>https?)://(?P<host>\[[0-9a-f:.]+\]|[^\s\[\]:/?#@\\]+)(?::(?P<port>\d{1,5}))?")
_HOST = re.compile(r"(?P<host>\[[0-9a-f:.]+\]|[^\s\[\]:/?#@\\]+)(?::(?P<port>\d{1,5}))?")
_PORTS = {"http": 80, "https": 443}
_CHANGES_NOTHING = {"GET", "HEAD", "OPTIONS"}
_SECURE = {"https", "wss"}
_FOREIGN_ORIGIN = "This request came from a page of another site. Open Second Look itself and try again."


class OriginGuard:
    """ASGI middleware that refuses changes requested by pages of other sites.

    `own_url` is the address at which browsers reach the app, if one is configured.
    """

    def __init__(self, app: ASGIApp, *, own_url: SplitResult) -> None:
        self._app = app
        self._own_url = own_url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        is_socket = scope["type"] == "websocket"
        if not is_socket and (scope["type"] != "http" or scope["method"] in _CHANGES_NOTHING):
            await self._app(scope, receive, send)
        elif is_own_origin(HTTPConnection(scope), self._own_url):
            await self._app(_align_host(scope) if is_socket else scope, receive, send)
        elif is_socket:
            await send({"type": "websocket.close", "code": 1008})
        else:
            await PlainTextResponse(_FOREIGN_ORIGIN, 403)(scope, receive, send)


def is_own_origin(connection: HTTPConnection, own_url: SplitResult) -> bool:
    """Report whether a request comes from a page of this app, or from a program.

    A page is the app's own if its scheme, host and port are those that the request addresses. Behind a proxy that ends
    HTTPS and is not configured, the scheme is unknown: then an HTTPS page counts as well.
    """
    origins = connection.headers.getlist("origin")
    return not origins or (len(origins) == 1 and is_origin_of(connection, origins[0], own_url))


def is_origin_of(connection: HTTPConnection, claimed: str, own_url: SplitResult) -> bool:
    """Report whether `claimed` (scheme, host and port) is the origin that the request addresses."""
    origin, host = _ORIGIN.fullmatch(claimed.lower()), _HOST.fullmatch(connection.headers.get("host", "").lower())
    if not origin:
        return False
    scheme = origin["scheme"]
    needs_https = connection.scope["scheme"] in _SECURE or (
        own_url.scheme == "https" and own_url.hostname == origin["host"]
    )
    if needs_https and scheme != "https":
        return False
    site = _find_site(origin, scheme)
    is_own = scheme == own_url.scheme and site == (own_url.hostname, own_url.port or _PORTS[scheme])
    return is_own or bool(host and site == _find_site(host, scheme))


def _find_site(match: re.Match[str], scheme: str) -> tuple[str, int]:
    return match["host"], int(match["port"] or _PORTS[scheme])


def _align_host(scope: Scope) -> Scope:
    """Return the request with the host name spelled as in its origin.

    Streamlit compares the two literally and, where they differ, looks up this machine's address on the network.
    """
    origin = HTTPConnection(scope).headers.get("origin")
    if origin is None:
        return scope
    host = origin.partition("://")[2].encode("latin-1")
    return {**scope, "headers": [(name, host if name == b"host" else value) for name, value in scope["headers"]]}


_SIGN_OUT = "/auth/logout"
# "none": the visitor typed the address or used a bookmark.
_OWN_SITES = {"same-origin", "none"}
_FOREIGN_SIGN_OUT = "A page of another site tried to sign you out. To sign out, use the button in Second Look."


@dataclass(frozen=True, slots=True)
class SignOutRules:
    """The app's base path and address, and the function that ends the sign-in to which cookies belong, if any."""

    base: BasePath
    own_url: SplitResult
    sign_out_caller: Callable[[Mapping[str, str]], None]


class SignOutGuard:
    """ASGI middleware that ends the sign-in, with all copies of its cookie, and refuses pages of other sites.

    Signing out is a GET request, for which browsers send no `Origin`, but `Sec-Fetch-Site` and `Referer`.
    """

    def __init__(self, app: ASGIApp, *, rules: SignOutRules) -> None:
        self._app = app
        self._rules = rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on after the sign-in has ended, or refuse it."""
        path = self._rules.base.find_path(scope) if scope["type"] == "http" else None
        if path != _SIGN_OUT:
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        if not self._is_own(request):
            await PlainTextResponse(_FOREIGN_SIGN_OUT, 403)(scope, receive, send)
            return
        await run_in_threadpool(self._rules.sign_out_caller, request.cookies)
        await self._app(scope, receive, send)

    def _is_own(self, request: Request) -> bool:
        sites, referers = request.headers.getlist("sec-fetch-site"), request.headers.getlist("referer")
        return _OWN_SITES.issuperset(sites) and all(
            is_origin_of(request, _strip_path(referer), self._rules.own_url) for referer in referers
        )


def _strip_path(address: str) -> str:
    return "/".join(address.split("/")[:3])
