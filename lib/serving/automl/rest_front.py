"""The REST server of the AutoML API: an ASGI app that runs on its own or inside another app."""

import socket
import threading
from collections.abc import Mapping

import uvicorn
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from lib.errors import InvalidSettings
from lib.serving.api_errors import ApiError, invalid_field, unimplemented
from lib.serving.automl.http_rules import get_route
from lib.serving.automl.methods import RpcMethod
from lib.serving.automl.transcoding import read_request, write_response
from lib.serving.http_requests import check_response_format
from lib.serving.http_responses import RequestBody, answer_call, error_response, json_response

# Several times the 30 MB limit of an image in base64, so that a larger image is rejected by field.
_MAX_BODY_BYTES = 180 << 20
_TOO_LARGE = 413
# Clients keep idle connections open. One that is closed at the moment of the next request loses that request, so idle
# connections live longer here than most pauses between requests: uvicorn's default is 5 s.
_KEEP_ALIVE_S = 75


class RestFront:
    """ASGI app that finds the method by the full path of a call and runs it in a thread."""

    def __init__(self, methods: Mapping[str, RpcMethod]) -> None:
        self._methods = methods

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP call."""
        await answer_call((scope, receive, send), _MAX_BODY_BYTES, self._respond)

    def _respond(self, request: Request, body: RequestBody) -> Response:
        if body.content is None:
            return error_response(_too_large(), _TOO_LARGE)
        return json_response(self._answer(request, body.content))

    def _answer(self, request: Request, body: bytes) -> str:
        # The full path, even if the app is mounted under a prefix.
        route = get_route(request.method, request.scope["path"])
        method = self._methods.get(route.rule.method)
        if method is None:
            raise unimplemented(route.rule.method)
        query = request.query_params
        check_response_format(query)
        return write_response(method(read_request(method.request_type, route, query, body)), query)


def _too_large() -> ApiError:
    return invalid_field("payload", f"The request is too large; the limit is {_MAX_BODY_BYTES} bytes.")


class RestServer:
    """An HTTP server for one app, in its own thread.

    It listens as soon as it is created. A `port` of 0 is any free port. Raises InvalidSettings if the address is not
    available.
    """

    def __init__(self, app: ASGIApp, host: str, port: int) -> None:
        self._socket = _listen(host, port)
        self.port: int = self._socket.getsockname()[1]
        config = uvicorn.Config(app, lifespan="off", log_level="warning", timeout_keep_alive=_KEEP_ALIVE_S)
        self._server = uvicorn.Server(config)
        # A daemon thread, so that a program that fails before it stops the server can exit.
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, name="rest", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Stop the server after the calls in progress have ended."""
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.create_server(address[:2], family=family, backlog=128)
    except OSError as error:
        raise InvalidSettings(
            f"REST cannot listen on {host}:{port}. If the port is in use, choose another one."
        ) from error
    # A response is sent in two pieces. With Nagle's algorithm, the second would wait 40 ms on a kept-alive connection.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening
