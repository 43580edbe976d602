"""Limits for messages on the WebSocket: they are held in memory, and some of them for the whole visit."""

from collections.abc import Callable, Mapping

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lib.domain.people import Person
from lib.errors import NotAdmitted

# Pages send the state of widgets. Ten thousand selected rows are some 100 kB; files are sent by HTTP.
MOST_BYTES = 1 << 20
MOST_BYTES_BEFORE_SIGN_IN = 64 << 10
_TOO_BIG = 1009  # RFC 6455, section 7.4.1


class SocketLimits:
    """ASGI middleware that closes a connection on a message that is too long. Without a sign-in, less is allowed."""

    def __init__(self, app: ASGIApp, *, find_person: Callable[[Mapping[str, str]], Person]) -> None:
        self._app = app
        self._find_person = find_person

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the connection on."""
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
            return
        is_signed_in = await run_in_threadpool(self._is_signed_in, HTTPConnection(scope))
        most_bytes = MOST_BYTES if is_signed_in else MOST_BYTES_BEFORE_SIGN_IN

        async def receive_bounded() -> Message:
            message = await receive()
            size = len(message.get("bytes") or b"") + len(message.get("text") or "")
            if size <= most_bytes:
                return message
            await send({"type": "websocket.close", "code": _TOO_BIG})
            return {"type": "websocket.disconnect", "code": _TOO_BIG}

        await self._app(scope, receive_bounded, send)

    def _is_signed_in(self, connection: HTTPConnection) -> bool:
        try:
            self._find_person(connection.cookies)
        except NotAdmitted:
            return False
        return True
