"""Refuses what pages of other sites have browsers send.

Browsers say in `Origin` which site's page asks, for every WebSocket and every request that may change something.
Programs that are no browsers send none: a page of another site cannot make a browser leave it out, and without it
Streamlit signs nobody in, so that they may go on.
"""

import re
from urllib.parse import SplitResult

from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_ORIGIN = re.compile(r"(?P<scheme>https?)://(?P<host>\[[0-9a-f:.]+\]|[^\s\[\]:/?#@\\]+)(?::(?P<port>\d{1,5}))?")
_HOST = re.compile(r"(?P<host>\[[0-9a-f:.]+\]|[^\s\[\]:/?#@\\]+)(?::(?P<port>\d{1,5}))?")
_PORTS = {"http": 80, "https": 443}
_CHANGES_NOTHING = {"GET", "HEAD", "OPTIONS"}
_SECURE = {"https", "wss"}
_WORDS = "This was sent by a page of another site. Open Second Look itself, and try again."


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
            await PlainTextResponse(_WORDS, 403)(scope, receive, send)


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
