"""Keeps the server's name and kind to itself."""

import signal

import uvicorn

_SERVER = b"server"


def hide_banner() -> None:
    """Have the running uvicorn not name itself in its answers; to be called when the app starts.

    Streamlit starts it without its option for that. It is found as the one who hears when the process shall end; where
    another server runs the app, nothing happens.
    """
    server = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    if isinstance(server, uvicorn.Server):
        headers = server.config.encoded_headers
        server.config.encoded_headers = [header for header in headers if header[0] != _SERVER]
