"""What a call of the REST API must be before it is looked at, where the API shares its port with pages."""

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
from lib.serving.automl.http_responses import error_response

CHANGES = (":deploy", ":undeploy")
"""Ends of the paths of calls that change something."""

_WITH_BODY = {"POST", "PUT", "PATCH"}
_LENGTH_REQUIRED, _TOO_LARGE, _WRONG_TYPE = 411, 413, 415
# 30 MB of image are 42 MB in base64.
_MOST_BODY_BYTES = 48 << 20


@dataclass(frozen=True, slots=True)
class Denial:
    """What speaks against a call: we do not know who calls, or (`known`) they may not do that."""

    sentence: str
    known: bool


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: `address` is the e-mail address of whoever made the token, `token` the token's number; empty and None
    for those who are not known by a token. `objection` is what speaks against this call.
    """

    address: str = ""
    token: int | None = None
    objection: Denial | None = None


def admit_anybody(_token: str, _path: str) -> Caller:
    """Anybody may call, and nobody is known."""
    return Caller()


def record_nothing(_caller: Caller, _path: str) -> None:
    """Leave no record."""


@dataclass(frozen=True, slots=True)
class ApiRules:
    """`calls_per_minute` bounds the calls with one token, and those without a known one from one address. `identify`
    says of a token (empty: none was shown) and a path who calls, and what speaks against it; it may take its time.
    `record_change` is told who called which path, after a call that changed something and before it is answered.
    """

    calls_per_minute: int
    identify: Callable[[str, str], Caller] = admit_anybody
    record_change: Callable[[Caller, str], None] = record_nothing


class ApiGuard:
    """ASGI middleware that refuses calls in Google's form: by kind and size of body, token, and number.

    A page of another site can have a browser send this server a form, but not a body of JSON. Every token is looked
    up, at the same small cost, before calls are counted: so those who try wrong ones use up their own address's calls,
    and not those of programs with right ones that share the address.
    """

    def __init__(self, app: ASGIApp, rules: ApiRules) -> None:
        self._app = app
        self._rules = rules
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._limit = RateLimitItemPerMinute(rules.calls_per_minute)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the call on, or refuse it."""
        request = Request(scope, receive)
        misfit = _find_misfit(request)
        caller = Caller() if misfit else await run_in_threadpool(self._rules.identify, *_name_caller(request))
        counted_as = _name_counted(request, caller)
        if misfit:
            await misfit(scope, receive, send)
        elif not self._limiter.hit(self._limit, counted_as):
            await error_response(self._too_many(counted_as))(scope, receive, send)
        elif caller.objection:
            await _object(caller.objection)(scope, receive, send)
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

    def _too_many(self, counted_as: str) -> ApiError:
        free_at_s, _ = self._limiter.get_window_stats(self._limit, counted_as)
        delay = Duration()
        delay.FromTimedelta(timedelta(seconds=max(1, math.ceil(free_at_s - time.time()))))
        sentence = f"More than {self._rules.calls_per_minute} calls a minute. Wait, then ask again."
        return ApiError(code_pb2.RESOURCE_EXHAUSTED, sentence, [error_details_pb2.RetryInfo(retry_delay=delay)])


def _find_misfit(request: Request) -> Response | None:
    """The answer to a call that cannot be one of a program's."""
    if request.method in _WITH_BODY and _media_type(request) != "application/json":
        sentence = "The body must be JSON: send the header Content-Type: application/json."
        return error_response(ApiError(code_pb2.INVALID_ARGUMENT, sentence), _WRONG_TYPE)
    if "transfer-encoding" in request.headers:
        sentence = "Send Content-Length: the size of the request is not known."
        return error_response(ApiError(code_pb2.INVALID_ARGUMENT, sentence), _LENGTH_REQUIRED)
    if _length(request) > _MOST_BODY_BYTES:
        sentence = f"The request is too large; the most is {_MOST_BODY_BYTES} bytes."
        return error_response(ApiError(code_pb2.INVALID_ARGUMENT, sentence), _TOO_LARGE)
    return None


def _name_counted(request: Request, caller: Caller) -> str:
    """Whose calls this one is counted among: those with the same token, or from the same address."""
    if caller.token is not None:
        return f"token {caller.token}"
    return f"address {request.client.host if request.client else ''}"


def _object(objection: Denial) -> Response:
    if objection.known:
        return error_response(ApiError(code_pb2.PERMISSION_DENIED, objection.sentence))
    response = error_response(ApiError(code_pb2.UNAUTHENTICATED, objection.sentence))
    response.headers["www-authenticate"] = "Bearer"
    return response


def _name_caller(request: Request) -> tuple[str, str]:
    """The token that the caller shows, and the path that is called."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else "", _path(request)


def _path(request: Request) -> str:
    # The one that is routed: what a URL object makes of it may end elsewhere.
    path: str = request.scope["path"]
    return path


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _length(request: Request) -> int:
    length = request.headers.get("content-length", "0")
    return int(length) if length.isdecimal() else 0
