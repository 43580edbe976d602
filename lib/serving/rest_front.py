"""The service over REST: an ASGI app for a server of its own, or below `/v1` and `/v1beta1` of another app."""

import json
from collections.abc import Mapping
from typing import Any

from google.protobuf import json_format
from google.rpc import code_pb2
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from lib.serving.faults import ConnectionDropped
from lib.serving.methods import Method
from lib.serving.refusals import Refused, invalid_field, unimplemented
from lib.serving.routes import find_route
from lib.serving.transcoding import check_format, read_request, write_response

# Several times the 30 MB of an image in base64: too large an image must be refused by its field.
_MAX_BODY_BYTES = 180 << 20
_TOO_LARGE = 413
_HTTP_STATUS = {
    code_pb2.INVALID_ARGUMENT: 400,
    code_pb2.FAILED_PRECONDITION: 400,
    code_pb2.NOT_FOUND: 404,
    code_pb2.ABORTED: 409,
    code_pb2.RESOURCE_EXHAUSTED: 429,
    code_pb2.INTERNAL: 500,
    code_pb2.UNIMPLEMENTED: 501,
    code_pb2.UNAVAILABLE: 503,
}


class RestFront:
    """ASGI app that finds methods by the whole path of a call, and runs them in threads."""

    def __init__(self, methods: Mapping[str, Method]) -> None:
        self._methods = methods

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP call."""
        request = Request(scope, receive)
        try:
            body = await _read_body(request)
            response = await run_in_threadpool(self._respond, request, body)
        except ClientDisconnect:
            return
        except ConnectionDropped:
            await _break_off(send)
            return
        await response(scope, receive, send)

    def _respond(self, request: Request, body: bytes | None) -> Response:
        try:
            if body is None:
                return _error_response(_too_large(), _TOO_LARGE)
            return _json_response(self._answer(request, body))
        except Refused as refused:
            return _error_response(refused, _HTTP_STATUS[refused.code])

    def _answer(self, request: Request, body: bytes) -> str:
        # Mounted below a prefix, an app still finds the whole path here.
        route = find_route(request.method, request.scope["path"])
        method = self._methods.get(route.rule.method)
        if method is None:
            raise unimplemented(route.rule.method)
        query = request.query_params
        check_format(query)
        return write_response(method(read_request(method.request_type, route, query, body)), query)


async def _read_body(request: Request) -> bytes | None:
    """The whole body; None for one that is too large, which is read to its end, so that the caller hears of it."""
    body = bytearray()
    too_large = False
    async for chunk in request.stream():
        too_large = too_large or len(body) + len(chunk) > _MAX_BODY_BYTES
        if too_large:
            body.clear()
        else:
            body += chunk
    return None if too_large else bytes(body)


def _too_large() -> Refused:
    return invalid_field("payload", f"The request is too large; the most is {_MAX_BODY_BYTES} bytes.")


def _error_response(refused: Refused, http_status: int) -> Response:
    status = refused.status
    error = {
        "code": http_status,
        "message": status.message,
        "status": code_pb2.Code.Name(status.code),
        "details": [json_format.MessageToDict(detail) for detail in status.details],
    }
    return _json_response(json.dumps({"error": error}, indent=2, ensure_ascii=False), http_status)


def _json_response(text: str, http_status: int = 200) -> Response:
    return Response(text, http_status, media_type="application/json; charset=UTF-8")


async def _break_off(send: Send) -> None:
    """Announce a body that never comes: the server closes the connection, and the caller sees it end."""
    headers: list[Any] = [(b"content-type", b"application/json; charset=UTF-8"), (b"content-length", b"1000")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"{", "more_body": True})
