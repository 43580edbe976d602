"""Guards in front of all routes: the host that is called, the site that calls, and who may sign out."""

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
    "This server does not go by that name. Call it by the one that stands in its pages' address, or have whoever runs"
    " it name this one in SECOND_LOOK_HOSTS."
)


class HostGuard:
    """ASGI middleware. `hosts` are the names, in lower case and without ports; none: any will do.

    Who asks for the server's health (a load balancer) may call it anything.
    """

    def __init__(self, app: ASGIApp, *, hosts: frozenset[str], base: BasePath) -> None:
        self._app = app
        self._hosts = hosts
        self._health = {HEALTH, base.join(HEALTH)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the call on, or refuse it."""
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
    """The name under which the server was called."""
    host = connection.headers.get("host", "").lower()
    # An IPv6 address stands in brackets, and has colons of its own.
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdecimal() else host


_ORIGIN = re.compile(r"(?P<scheme>https?)://(?P<host>\[[0-9a-f:.]+\]|[^\s\[\]:/?#@\\]+)(?::(?P<port>\d{1,5}))?")
_HOST = re.compile(r"(?P<host>\[[0-9a-f:.]+\]|[^\s\[\]:/?#@\\]+)(?::(?P<port>\d{1,5}))?")
_PORTS = {"http": 80, "https": 443}
_CHANGES_NOTHING = {"GET", "HEAD", "OPTIONS"}
_SECURE = {"https", "wss"}
_FOREIGN_ORIGIN = "This was sent by a page of another site. Open Second Look itself, and try again."


class OriginGuard:
    """ASGI middleware. `own` is the address under which browsers reach the app, where one is set."""

    def __init__(self, app: ASGIApp, *, own: SplitResult) -> None:
        self._app = app
        self._own = own

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the call on, or refuse it."""
        is_socket = scope["type"] == "websocket"
        if not is_socket and (scope["type"] != "http" or scope["method"] in _CHANGES_NOTHING):
            await self._app(scope, receive, send)
        elif is_own_origin(HTTPConnection(scope), self._own):
            await self._app(_agree(scope) if is_socket else scope, receive, send)
        elif is_socket:
            await send({"type": "websocket.close", "code": 1008})
        else:
            await PlainTextResponse(_FOREIGN_ORIGIN, 403)(scope, receive, send)


def is_own_origin(connection: HTTPConnection, own: SplitResult) -> bool:
    """Whether no page of another site had a browser send this.

    A page is ours where scheme, name and port are those under which it was asked for. The scheme is unknown where a
    proxy that is not named takes HTTPS off: a page that came by HTTPS counts as ours then too.
    """
    origins = connection.headers.getlist("origin")
    return not origins or (len(origins) == 1 and is_origin_of(connection, origins[0], own))


def is_origin_of(connection: HTTPConnection, claimed: str, own: SplitResult) -> bool:
    """Whether this origin (scheme, name and port) is the one that was asked."""
    origin, host = _ORIGIN.fullmatch(claimed.lower()), _HOST.fullmatch(connection.headers.get("host", "").lower())
    if not origin:
        return False
    scheme = origin["scheme"]
    needs_https = connection.scope["scheme"] in _SECURE or (own.scheme == "https" and own.hostname == origin["host"])
    if needs_https and scheme != "https":
        return False
    site = _find_site(origin, scheme)
    is_own = scheme == own.scheme and site == (own.hostname, own.port or _PORTS[scheme])
    return is_own or bool(host and site == _find_site(host, scheme))


def _find_site(match: re.Match[str], scheme: str) -> tuple[str, int]:
    return match["host"], int(match["port"] or _PORTS[scheme])


def _agree(scope: Scope) -> Scope:
    """The call with the origin's own spelling of the host's name.

    Streamlit compares the two letter by letter, and where they differ asks the network for this machine's address.
    """
    origin = HTTPConnection(scope).headers.get("origin")
    if origin is None:
        return scope
    host = origin.partition("://")[2].encode("latin-1")
    return {**scope, "headers": [(name, host if name == b"host" else value) for name, value in scope["headers"]]}


_SIGN_OUT = "/auth/logout"
# "none": somebody typed the address, or keeps it as a bookmark.
_OWN_SITES = {"same-origin", "none"}
_FOREIGN_SIGN_OUT = "A page of another site asked to sign you out. To leave, press Sign out in Second Look."


@dataclass(frozen=True, slots=True)
class WayOut:
    """Where the app is and under which address browsers reach it, and what ends the sign-in of whoever has these
    cookies, if there is one.
    """

    base: BasePath
    own: SplitResult
    sign_out_caller: Callable[[Mapping[str, str]], None]


class SignOutGuard:
    """ASGI middleware: who signs out by the address is out wherever the cookie is; no other site's page can do it.

    It is asked by GET, for which browsers send no `Origin`. They say in `Sec-Fetch-Site` and `Referer` who asks.
    """

    def __init__(self, app: ASGIApp, *, way_out: WayOut) -> None:
        self._app = app
        self._way_out = way_out

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the call on, after the sign-in has ended, or refuse it."""
        path = self._way_out.base.find_path(scope) if scope["type"] == "http" else None
        if path != _SIGN_OUT:
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        if not self._is_own(request):
            await PlainTextResponse(_FOREIGN_SIGN_OUT, 403)(scope, receive, send)
            return
        await run_in_threadpool(self._way_out.sign_out_caller, request.cookies)
        await self._app(scope, receive, send)

    def _is_own(self, request: Request) -> bool:
        sites, referers = request.headers.getlist("sec-fetch-site"), request.headers.getlist("referer")
        return _OWN_SITES.issuperset(sites) and all(
            is_origin_of(request, _cut_path(referer), self._way_out.own) for referer in referers
        )


def _cut_path(address: str) -> str:
    return "/".join(address.split("/")[:3])
