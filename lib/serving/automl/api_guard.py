"""Access checks for the REST API where it shares its port with pages: body type and size, token, rate limit."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus

from google.protobuf.duration_pb2 import Duration
from google.rpc import code_pb2, error_details_pb2
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lib.serving.api_errors import ApiError
from lib.serving.http_responses import error_response

CHANGES = (":deploy", ":undeploy")
"""Path endings of the calls that change something."""

_WITH_BODY = {"POST", "PUT", "PATCH"}
_LENGTH_REQUIRED, _TOO_LARGE, _WRONG_TYPE = 411, 413, 415
# 30 MB of image are 42 MB in base64.
_MAX_BODY_BYTES = 48 << 20


@dataclass(frozen=True, slots=True)
class Denial:
    """The reason to deny a call: the caller is unknown or, if `is_known`, lacks the permission."""

    message: str
    is_known: bool


@dataclass(frozen=True, slots=True)
class Caller:
    """The caller of the API, and the reason to deny this call, if any.

    `address` is the e-mail address of the token's creator and `token` the token's number; they are empty and None for
    callers without a valid token.
    """

    address: str = ""
    token: int | None = None
    denial: Denial | None = None


def allow_everyone(_token: str, _path: str) -> Caller:
    """Allow every call; the caller stays anonymous."""
    return Caller()


def record_nothing(_caller: Caller, _path: str) -> None:
    """Record no change."""


@dataclass(frozen=True, slots=True)
class ApiRules:
    """The access rules of the API.

    `calls_per_minute` limits the calls per token, and per network address for callers without a valid token.
    `identify` receives a token (empty if none was sent) and a path, and returns the caller; it may block.
    `record_change` receives the caller and the path after a successful change, before the response is sent.
    """

    calls_per_minute: int
    identify: Callable[[str, str], Caller] = allow_everyone
    record_change: Callable[[Caller, str], None] = record_nothing


class ApiGuard:
    """ASGI middleware that rejects calls with Google's errors: by type and size of the body, token, and rate.

    JSON is required because a page of another site can make a browser send a form to this server, but not JSON. Tokens
    are looked up, at the same small cost, before calls are counted. Callers with invalid tokens therefore use up the
    limit of their address, and not that of programs with valid tokens at the same address.
    """

    def __init__(self, app: ASGIApp, rules: ApiRules) -> None:
        self._app = app
        self._rules = rules
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._limit = RateLimitItemPerMinute(rules.calls_per_minute)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Forward the call, or reject it."""
        request = Request(scope, receive)
        rejection = _reject_malformed(request)
        caller = Caller() if rejection else await run_in_threadpool(self._rules.identify, *_read_caller(request))
        rate_key = _rate_key(request, caller)
        if rejection:
            await rejection(scope, receive, send)
        elif not self._limiter.hit(self._limit, rate_key):
            await error_response(self._rate_limited(rate_key))(scope, receive, send)
        elif caller.denial:
            await _deny(caller.denial)(scope, receive, send)
        elif _path(request).endswith(CHANGES):
            await self._app(scope, receive, self._record_success(caller, _path(request), send))
        else:
            await self._app(scope, receive, send)

    def _record_success(self, caller: Caller, path: str, send: Send) -> Send:
        async def send_recorded(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] < HTTPStatus.BAD_REQUEST:
                await run_in_threadpool(self._rules.record_change, caller, path)
            await send(message)

        return send_recorded

    def _rate_limited(self, rate_key: str) -> ApiError:
        free_at_s, _ = self._limiter.get_window_stats(self._limit, rate_key)
        delay = Duration()
        delay.FromTimedelta(timedelta(seconds=max(1, math.ceil(free_at_s - time.time()))))
        message = f"More than {self._rules.calls_per_minute} calls per minute. Wait, then retry."
        return ApiError(code_pb2.RESOURCE_EXHAUSTED, message, [error_details_pb2.RetryInfo(retry_delay=delay)])


def _reject_malformed(request: Request) -> Response | None:
    """Return the error for a body of the wrong type, of unknown size or too large; None for a valid request."""
    if request.method in _WITH_BODY and _media_type(request) != "application/json":
        message = "The body must be JSON: send the header Content-Type: application/json."
        return error_response(ApiError(code_pb2.INVALID_ARGUMENT, message), _WRONG_TYPE)
    if "transfer-encoding" in request.headers:
        message = "Send the header Content-Length: the size of the request is unknown."
        return error_response(ApiError(code_pb2.INVALID_ARGUMENT, message), _LENGTH_REQUIRED)
    if _length(request) > _MAX_BODY_BYTES:
        message = f"The request is too large; the limit is {_MAX_BODY_BYTES} bytes."
        return error_response(ApiError(code_pb2.INVALID_ARGUMENT, message), _TOO_LARGE)
    return None


def _rate_key(request: Request, caller: Caller) -> str:
    """Return the key of the rate limit: the token or, without one, the network address."""
    if caller.token is not None:
        return f"token {caller.token}"
    return f"address {request.client.host if request.client else ''}"


def _deny(denial: Denial) -> Response:
    if denial.is_known:
        return error_response(ApiError(code_pb2.PERMISSION_DENIED, denial.message))
    response = error_response(ApiError(code_pb2.UNAUTHENTICATED, denial.message))
    response.headers["www-authenticate"] = "Bearer"
    return response


def _read_caller(request: Request) -> tuple[str, str]:
    """Return the bearer token, empty if there is none, and the path."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else "", _path(request)


def _path(request: Request) -> str:
    # The path that routing uses; request.url may normalize it to another one.
    path: str = request.scope["path"]
    return path


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _length(request: Request) -> int:
    length = request.headers.get("content-length", "0")
    return int(length) if length.isdecimal() else 0
