"""A line of the log for each request, and the request's id."""

import re
import time
import uuid
from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lib.telemetry.logs import get_logger, log_fields

HEADER = "x-request-id"
_LOG = get_logger(__name__)
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_OTHER = "(other)"
_DEFECT = "Something went wrong. Give your administrator the request id of this response: {}"


class RequestLog:
    """ASGI middleware that writes a line for each HTTP request, and returns its id in the header X-Request-ID.

    The id is the client's, if it is well formed, or a new one. All lines during the request have it. `find_name`
    returns the path as it may be in the log, without secrets; None for a path that is unknown and may be anything.
    """

    def __init__(self, app: ASGIApp, *, find_name: Callable[[Scope], str | None]) -> None:
        self._app = app
        self._find_name = find_name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and write the line when it has ended."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = find_request_id(Headers(scope=scope))
        answer = _Answer(send, request_id)
        start_s = time.perf_counter()
        with log_fields(request_id=request_id):
            try:
                await self._pass_on(scope, receive, answer)
            finally:
                _LOG.info(
                    "request",
                    method=scope["method"] if scope["method"] in _METHODS else _OTHER,
                    path=self._find_name(scope) or _OTHER,
                    status=answer.status,
                    duration_s=round(time.perf_counter() - start_s, 4),
                )

    async def _pass_on(self, scope: Scope, receive: Receive, answer: "_Answer") -> None:
        try:
            await self._app(scope, receive, answer)
        except Exception:
            if answer.status is not None:
                raise
            _LOG.exception("request failed")
            await PlainTextResponse(_DEFECT.format(answer.request_id), 500)(scope, receive, answer)


class _Answer:
    """Sends a response on, with the request's id. `status` is None before it starts."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self.request_id = request_id
        self.status: int | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(raw=list(message.get("headers") or ()))
            headers[HEADER] = self.request_id
            message = {**message, "headers": headers.raw}
        await self._send(message)


def find_request_id(headers: Headers) -> str:
    """Return the id that a client gave its request if it is one, and well formed; else a new one."""
    given = headers.getlist(HEADER)
    return given[0] if len(given) == 1 and _ID.fullmatch(given[0]) else uuid.uuid4().hex
