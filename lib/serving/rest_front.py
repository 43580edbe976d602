"""The service over REST: an ASGI app for a server of its own, or below `/v1` and `/v1beta1` of another app."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from lib.serving.http_answers import Body, answer_call, error_response, json_response
from lib.serving.methods import Method
from lib.serving.refusals import Refused, invalid_field, unimplemented
from lib.serving.routes import find_route
from lib.serving.transcoding import check_format, read_request, write_response

# Several times the 30 MB of an image in base64: too large an image must be refused by its field.
_MAX_BODY_BYTES = 180 << 20
_TOO_LARGE = 413


class RestFront:
    """ASGI app that finds methods by the whole path of a call, and runs them in threads."""

    def __init__(self, methods: Mapping[str, Method]) -> None:
        self._methods = methods

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP call."""
        await answer_call((scope, receive, send), _MAX_BODY_BYTES, self._respond)

    def _respond(self, request: Request, body: Body) -> Response:
        if body.content is None:
            return error_response(_too_large(), _TOO_LARGE)
        return json_response(self._answer(request, body.content))

    def _answer(self, request: Request, body: bytes) -> str:
        # Mounted below a prefix, an app still finds the whole path here.
        route = find_route(request.method, request.scope["path"])
        method = self._methods.get(route.rule.method)
        if method is None:
            raise unimplemented(route.rule.method)
        query = request.query_params
        check_format(query)
        return write_response(method(read_request(method.request_type, route, query, body)), query)


def _too_large() -> Refused:
    return invalid_field("payload", f"The request is too large; the most is {_MAX_BODY_BYTES} bytes.")
