"""HTTP responses of both REST APIs, and the calls that produce them, each in a thread."""

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

from lib.serving.api_errors import ApiError, too_many_requests
from lib.serving.error_boundary import ConnectionDropped

# Separate threads: calls that wait for a slow model or image must not block pages, which share the server's threads.
_THREADS = ThreadPoolExecutor(16, thread_name_prefix="rest")
# Calls that run or wait. Bounded because each holds its request body.
_CALLS = BoundedSemaphore(32)
_RETRY_AFTER_S = 5.0
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
class RequestBody:
    """A request body. `content` is None if the body is larger than the limit."""

    content: bytes | None
    size_bytes: int


async def answer_call(
    connection: tuple[Scope, Receive, Send], max_bytes: int, respond: Callable[[Request, RequestBody], Response]
) -> None:
    """Read an HTTP request and send the response of `respond`, which runs in a thread and may raise ApiError."""
    scope, receive, send = connection
    request = Request(scope, receive)
    try:
        body = await _read_body(request, max_bytes)
        response = await _run(lambda: _respond(respond, request, body), receive)
    except ClientDisconnect:
        return
    except ConnectionDropped:
        await _drop_connection(send)
        return
    await response(scope, receive, send)


def json_response(text: str, http_status: int = 200) -> Response:
    """Return a response from JSON text."""
    return Response(text, http_status, media_type=_JSON)


def error_response(error: ApiError, http_status: int | None = None) -> Response:
    """Return Google's JSON for an error, with the HTTP status of its code unless `http_status` is given."""
    status = error.status
    code = _HTTP_STATUS[error.code] if http_status is None else http_status
    content = {
        "code": code,
        "message": status.message,
        "status": code_pb2.Code.Name(status.code),
        "details": [json_format.MessageToDict(detail) for detail in status.details],
    }
    response = json_response(json.dumps({"error": content}, indent=2, ensure_ascii=False), code)
    response.headers.update(dict(_retry_after(error)))
    return response


def _respond(respond: Callable[[Request, RequestBody], Response], request: Request, body: RequestBody) -> Response:
    try:
        return respond(request, body)
    except ApiError as error:
        return error_response(error)


def _retry_after(error: ApiError) -> list[tuple[str, str]]:
    """The retry-after header, for callers that do not read Google's error details."""
    delays = [detail.retry_delay for detail in error.details if isinstance(detail, error_details_pb2.RetryInfo)]
    return [("retry-after", str(math.ceil(delay.ToTimedelta().total_seconds()))) for delay in delays]


async def _run(respond: Callable[[], Response], receive: Receive) -> Response:
    """Run `respond` in a thread. Raises ClientDisconnect if the caller disconnects, and then cancels a waiting call."""
    if not _CALLS.acquire(blocking=False):
        return error_response(too_many_requests(_RETRY_AFTER_S))
    running = _THREADS.submit(respond)
    running.add_done_callback(lambda _: _CALLS.release())
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


async def _read_body(request: Request, max_bytes: int) -> RequestBody:
    """Read the whole body, even one that is too large, so that the caller receives the error."""
    content, size_bytes = bytearray(), 0
    async for chunk in request.stream():
        size_bytes += len(chunk)
        if size_bytes > max_bytes:
            content.clear()
        else:
            content += chunk
    return RequestBody(None if size_bytes > max_bytes else bytes(content), size_bytes)


async def _drop_connection(send: Send) -> None:
    """Announce a body and send only its start: the server then closes the connection."""
    headers: list[Any] = [(b"content-type", _JSON.encode()), (b"content-length", b"1000")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"{", "more_body": True})
