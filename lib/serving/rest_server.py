"""The REST front on a port of its own."""

import socket
import threading

import uvicorn
from starlette.types import ASGIApp

from lib.errors import InvalidSettings


class RestServer:
    """An HTTP server for one app, in a thread of its own.

    Listens from the start on; raises InvalidSettings where `host` and `port` (0: any free one) cannot be had.
    """

    def __init__(self, app: ASGIApp, host: str, port: int) -> None:
        self._socket = _listen(host, port)
        self.port: int = self._socket.getsockname()[1]
        self._server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_level="warning"))
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
