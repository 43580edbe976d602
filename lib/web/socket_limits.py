"""Bounds what browsers send through the WebSocket: it is held in memory, and some of it for the whole visit."""

from collections.abc import Callable, Mapping

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lib.domain.people import Person
from lib.errors import NotAdmitted

# Pages send what is chosen on them. Ten thousand selected rows are some 100 kB; files come another way.
MOST_BYTES = 1 << 20
MOST_BYTES_OF_STRANGERS = 64 << 10
_TOO_BIG = 1009  # RFC 6455, section 7.4.1


class SocketLimits:
    """ASGI middleware: a message that is too long ends its connection. Those who have not signed in may send less."""

    def __init__(self, app: ASGIApp, *, find_person: Callable[[Mapping[str, str]], Person]) -> None:
        self._app = app
        self._find_person = find_person

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the call on."""
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
            return
        is_known = await run_in_threadpool(self._knows, HTTPConnection(scope))
        most_bytes = MOST_BYTES if is_known else MOST_BYTES_OF_STRANGERS

        async def receive_bounded() -> Message:
            message = await receive()
            size = len(message.get("bytes") or b"") + len(message.get("text") or "")
            if size <= most_bytes:
                return message
            await send({"type": "websocket.close", "code": _TOO_BIG})
            return {"type": "websocket.disconnect", "code": _TOO_BIG}

        await self._app(scope, receive_bounded, send)

    def _knows(self, connection: HTTPConnection) -> bool:
        try:
            self._find_person(connection.cookies)
        except NotAdmitted:
            return False
        return True
