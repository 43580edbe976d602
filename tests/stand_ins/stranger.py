"""A server that must never be called: it speaks TLS under a certificate that is trusted, and remembers who came."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import trustme


class Stranger(ThreadingHTTPServer):
    """`connections` counts all who connected, `tokens` holds the authorization of each request."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.connections = 0
        self.tokens: list[str] = []

    @property
    def at(self) -> str:
        """Its host and port."""
        return f"127.0.0.1:{self.server_address[1]}"

    def verify_request(self, *_: Any) -> bool:
        """Counts whoever connects, before a word is said."""
        self.connections += 1
        return True


class _Answer(BaseHTTPRequestHandler):
    server: Stranger

    def do_GET(self) -> None:
        self.server.tokens.append(self.headers["Authorization"])
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    do_POST = do_GET  # noqa: N815 - http.server's name

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@contextmanager
def serve_stranger(certificates: Path) -> Iterator[Stranger]:
    """A stranger, and the file of the authority that vouches for it."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(certificates))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    stranger = Stranger()
    stranger.socket = context.wrap_socket(stranger.socket, server_side=True, do_handshake_on_connect=False)
    Thread(target=stranger.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield stranger
    finally:
        stranger.shutdown()
        stranger.server_close()
