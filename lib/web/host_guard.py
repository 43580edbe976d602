"""Answers under the server's own names only.

A page of another site can give this server a name of its own (DNS rebinding), and is then, for the browser, a page of
this server that may read all it answers.
"""

from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from lib.web.base_path import HEALTH, BasePath

_WORDS = (
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
            await PlainTextResponse(_WORDS, 403)(scope, receive, send)


def find_host(connection: HTTPConnection) -> str:
    """The name under which the server was called."""
    host = connection.headers.get("host", "").lower()
    # An IPv6 address stands in brackets, and has colons of its own.
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdecimal() else host
