"""The service over REST: an ASGI app for a server of its own, or below `/v1` and `/v1beta1` of another app."""

import socket
import threading
from collections.abc import Mapping

import uvicorn
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from lib.errors import InvalidSettings
from lib.serving.api_errors import ApiError, invalid_field, unimplemented
from lib.serving.automl.http_responses import Body, answer_call, error_response, json_response
from lib.serving.automl.http_rules import find_route
from lib.serving.automl.methods import RpcMethod
from lib.serving.automl.transcoding import check_format, read_request, write_response

# Several times the 30 MB of an image in base64: too large an image must be refused by its field.
_MAX_BODY_BYTES = 180 << 20
_TOO_LARGE = 413
# Clients keep idle connections open. One that is closed at the moment of the next request loses that request, so idle
# connections live longer here than most pauses between requests: uvicorn's default is 5 s.
_KEEP_ALIVE_S = 75


class RestFront:
    """ASGI app that finds methods by the whole path of a call, and runs them in threads."""

    def __init__(self, methods: Mapping[str, RpcMethod]) -> None:
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


def _too_large() -> ApiError:
    return invalid_field("payload", f"The request is too large; the most is {_MAX_BODY_BYTES} bytes.")


class RestServer:
    """An HTTP server for one app, in a thread of its own.

    Listens from the start on; raises InvalidSettings where `host` and `port` (0: any free one) cannot be had.
    """

    def __init__(self, app: ASGIApp, host: str, port: int) -> None:
        self._socket = _listen(host, port)
        self.port: int = self._socket.getsockname()[1]
        config = uvicorn.Config(app, lifespan="off", log_level="warning", timeout_keep_alive=_KEEP_ALIVE_S)
        self._server = uvicorn.Server(config)
        # A daemon: a program that fails before it stops the server must be able to end.
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, name="rest", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Stop answering, once the calls under way have ended."""
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.create_server(address[:2], family=family, backlog=128)
    except OSError as error:
        raise InvalidSettings(f"REST cannot listen on {host}:{port}: is the port taken? Choose another one.") from error
    # An answer goes out in two pieces: on a kept connection, the second would wait 40 ms for the first's receipt.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening
