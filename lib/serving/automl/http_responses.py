"""JSON objects as protobuf can take them."""

import asyncio
import json
import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import BoundedSemaphore
from typing import Any

from google.protobuf import json_format
from google.rpc import code_pb2, error_details_pb2
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from lib.serving.api_errors import ApiError, busy
from lib.serving.models.fault_models import ConnectionDropped

# Threads of its own: calls that wait for a slow model or image must not keep pages waiting, which share their server's.
_THREADS = ThreadPoolExecutor(16, thread_name_prefix="rest")
# Running and waiting: each holds its body.
_ROOM = BoundedSemaphore(32)
_COME_BACK_AFTER_S = 5.0
_JSON = "application/json; charset=UTF-8"
_HTTP_STATUS = {
    code_pb2.INVALID_ARGUMENT: 400,
    code_pb2.FAILED_PRECONDITION: 400,
    code_pb2.UNAUTHENTICATED: 401,
    code_pb2.PERMISSION_DENIED: 403,
    code_pb2.NOT_FOUND: 404,
    code_pb2.ABORTED: 409,
    code_pb2.ALREADY_EXISTS: 409,
    code_pb2.RESOURCE_EXHAUSTED: 429,
    code_pb2.INTERNAL: 500,
    code_pb2.UNIMPLEMENTED: 501,
    code_pb2.UNAVAILABLE: 503,
    code_pb2.DEADLINE_EXCEEDED: 504,
}


@dataclass(frozen=True, slots=True)
class Body:
    """What came with a call. `content` is None where it has more bytes than were wanted."""

    content: bytes | None
    size_bytes: int


async def answer_call(
    connection: tuple[Scope, Receive, Send], most_bytes: int, respond: Callable[[Request, Body], Response]
) -> None:
    """Take in one HTTP call and answer it with what `respond` gives, which runs in a thread and may raise ApiError."""
    scope, receive, send = connection
    request = Request(scope, receive)
    try:
        body = await _read_body(request, most_bytes)
        response = await _run(lambda: _respond(respond, request, body), receive)
    except ClientDisconnect:
        return
    except ConnectionDropped:
        await _break_off(send)
        return
    await response(scope, receive, send)


def json_response(text: str, http_status: int = 200) -> Response:
    """A response that is JSON already."""
    return Response(text, http_status, media_type=_JSON)


def error_response(refused: ApiError, http_status: int | None = None) -> Response:
    """Google's JSON for a refusal, under the HTTP status of its code unless another one is given."""
    status = refused.status
    code = _HTTP_STATUS[refused.code] if http_status is None else http_status
    error = {
        "code": code,
        "message": status.message,
        "status": code_pb2.Code.Name(status.code),
        "details": [json_format.MessageToDict(detail) for detail in status.details],
    }
    response = json_response(json.dumps({"error": error}, indent=2, ensure_ascii=False), code)
    response.headers.update(dict(_retry_after(refused)))
    return response


def _respond(respond: Callable[[Request, Body], Response], request: Request, body: Body) -> Response:
    try:
        return respond(request, body)
    except ApiError as refused:
        return error_response(refused)


def _retry_after(refused: ApiError) -> list[tuple[str, str]]:
    """The header for callers that know HTTP, but not Google's details."""
    delays = [each.retry_delay for each in refused.details if isinstance(each, error_details_pb2.RetryInfo)]
    return [("retry-after", str(math.ceil(delay.ToTimedelta().total_seconds()))) for delay in delays]


async def _run(respond: Callable[[], Response], receive: Receive) -> Response:
    """Run `respond` in a thread; it is not begun any more where the caller is gone. Raises ClientDisconnect."""
    if not _ROOM.acquire(blocking=False):
        return error_response(busy(_COME_BACK_AFTER_S))
    running = _THREADS.submit(respond)
    running.add_done_callback(lambda _: _ROOM.release())
    gone, work = asyncio.ensure_future(_wait_until_gone(receive)), asyncio.wrap_future(running)
    ends: set[asyncio.Future[Any]] = {gone, work}
    await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    gone.cancel()
    if not work.done():
        work.cancel()
        raise ClientDisconnect
    return work.result()


async def _wait_until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _read_body(request: Request, most_bytes: int) -> Body:
    """The body, which is read to its end even where it is too large, so that the caller hears of it."""
    content, size_bytes = bytearray(), 0
    async for chunk in request.stream():
        size_bytes += len(chunk)
        if size_bytes > most_bytes:
            content.clear()
        else:
            content += chunk
    return Body(None if size_bytes > most_bytes else bytes(content), size_bytes)


async def _break_off(send: Send) -> None:
    """Announce a body that never comes: the server closes the connection, and the caller sees it end."""
    headers: list[Any] = [(b"content-type", _JSON.encode()), (b"content-length", b"1000")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"{", "more_body": True})
