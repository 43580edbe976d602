"""Vertex AI's REST API, as an ASGI app."""

import hmac
import json
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from lib.serving.guard import answer_or_refuse
from lib.serving.http_answers import Body, answer_call, error_response, json_response
from lib.serving.transcoding import check_format, query_fields, read_json
from lib.serving.vertex.calls import Call, make_call
from lib.serving.vertex.fields import Fields
from lib.serving.vertex.methods import Method
from lib.serving.vertex.refusals import no_such_path, too_large, unauthenticated

# Vertex AI says 1.500MB and not what an MB is: who keeps below this keeps below either.
MAX_REQUEST_BYTES = 1_500_000


class VertexFront:
    """ASGI app that runs methods in threads. Where `token` is not empty, callers must bring it."""

    def __init__(self, methods: Sequence[Method], token: str = "") -> None:
        self._methods = methods
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP call."""
        await answer_call((scope, receive, send), MAX_REQUEST_BYTES, self._respond)

    def _respond(self, request: Request, body: Body) -> Response:
        given = request.headers.get("authorization", "")
        if self._token and not _same(given, f"Bearer {self._token}"):
            return _ask_for_token(token_given=bool(given))
        if body.content is None:
            raise too_large(body.size_bytes)
        method, call = self._find(request, body.content)
        answer = answer_or_refuse(method.answer, call)
        return json_response(json.dumps(answer, indent=2, ensure_ascii=False))

    def _find(self, request: Request, body: bytes) -> tuple[Method, Call]:
        verb, path = request.method, request.scope["path"]
        for method in self._methods:
            variables = method.template.variables(path) if method.verb == verb else None
            if variables is not None:
                check_format(request.query_params)
                query = Fields(query_fields(request.query_params), "query")
                return method, make_call(variables, query, Fields(read_json(body)))
        raise no_such_path(verb, path)


def _same(given: str, wanted: str) -> bool:
    """Whether both are the same, found out in a time that says nothing of how much is."""
    return hmac.compare_digest(given.encode(), wanted.encode())


def _ask_for_token(*, token_given: bool) -> Response:
    response = error_response(unauthenticated(token_given=token_given))
    problem = ', error="invalid_token"' if token_given else ""
    response.headers["www-authenticate"] = f'Bearer realm="https://accounts.google.com/"{problem}'
    return response
