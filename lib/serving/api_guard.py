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

from lib.serving.http_answers import error_response
from lib.serving.refusals import Refused

CHANGES = (":deploy", ":undeploy")
"""Ends of the paths of calls that change something."""

_WITH_BODY = {"POST", "PUT", "PATCH"}
_TOO_LARGE, _WRONG_TYPE = 413, 415
# 30 MB of image are 42 MB in base64.
_MOST_BODY_BYTES = 48 << 20


@dataclass(frozen=True, slots=True)
class Objection:
    """What speaks against a call: we do not know who calls, or (`known`) they may not do that."""

    sentence: str
    known: bool


def record_nothing(_token: str, _path: str) -> None:
    """Leave no record."""


def never_object(_token: str, _path: str) -> None:
    """Anybody may call."""


@dataclass(frozen=True, slots=True)
class ApiRules:
    """`calls_per_minute` bounds the calls of one address. `find_objection` says of a token (empty: none was shown) and
    a path what speaks against the call, if anything; it may take its time. `record_change` is told both after a call
    that changed something, before it is answered.
    """

    calls_per_minute: int
    find_objection: Callable[[str, str], Objection | None] = never_object
    record_change: Callable[[str, str], None] = record_nothing


class ApiGuard:
    """ASGI middleware that refuses calls in Google's form: by kind and size of body, number, and token.

    A page of another site can have a browser send this server a form, but not a body of JSON.
    """

    def __init__(self, app: ASGIApp, rules: ApiRules) -> None:
        self._app = app
        self._rules = rules
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._limit = RateLimitItemPerMinute(rules.calls_per_minute)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the call on, or refuse it."""
        request = Request(scope, receive)
        refusal = self._find_refusal(request)
        # Asked last: wrong tokens count as calls, so that nobody can try many.
        objection = None if refusal else await run_in_threadpool(self._rules.find_objection, *_name_caller(request))
        if refusal:
            refused, http_status = refusal
            await error_response(refused, http_status)(scope, receive, send)
        elif objection:
            await _object(objection)(scope, receive, send)
        elif request.url.path.endswith(CHANGES):
            await self._app(scope, receive, self._record_success(request, send))
        else:
            await self._app(scope, receive, send)

    def _record_success(self, request: Request, send: Send) -> Send:
        async def send_recorded(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] < HTTPStatus.BAD_REQUEST:
                await run_in_threadpool(self._rules.record_change, *_name_caller(request))
            await send(message)

        return send_recorded

    def _find_refusal(self, request: Request) -> tuple[Refused, int | None] | None:
        if request.method in _WITH_BODY and _media_type(request) != "application/json":
            sentence = "The body must be JSON: send the header Content-Type: application/json."
            return Refused(code_pb2.INVALID_ARGUMENT, sentence), _WRONG_TYPE
        if _length(request) > _MOST_BODY_BYTES:
            sentence = f"The request is too large; the most is {_MOST_BODY_BYTES} bytes."
            return Refused(code_pb2.INVALID_ARGUMENT, sentence), _TOO_LARGE
        caller = request.client.host if request.client else ""
        if not self._limiter.hit(self._limit, caller):
            return self._too_many(caller), None
        return None

    def _too_many(self, caller: str) -> Refused:
        free_at_s, _ = self._limiter.get_window_stats(self._limit, caller)
        delay = Duration()
        delay.FromTimedelta(timedelta(seconds=max(1, math.ceil(free_at_s - time.time()))))
        sentence = f"More than {self._rules.calls_per_minute} calls a minute. Wait, then ask again."
        return Refused(code_pb2.RESOURCE_EXHAUSTED, sentence, [error_details_pb2.RetryInfo(retry_delay=delay)])


def _object(objection: Objection) -> Response:
    if objection.known:
        return error_response(Refused(code_pb2.PERMISSION_DENIED, objection.sentence))
    response = error_response(Refused(code_pb2.UNAUTHENTICATED, objection.sentence))
    response.headers["www-authenticate"] = "Bearer"
    return response


def _name_caller(request: Request) -> tuple[str, str]:
    """The token that the caller shows, and the path that is called."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else "", request.url.path


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _length(request: Request) -> int:
    length = request.headers.get("content-length", "0")
    return int(length) if length.isdecimal() else 0
