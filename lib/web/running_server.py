"""What the running uvicorn must not do by itself. Streamlit starts it, without a way to set this."""

import signal

import uvicorn
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

_SERVER = b"server"


def restrain_server() -> None:
    """Have uvicorn not name itself in answers, and believe no header of a proxy; to be called when the app starts.

    Unless told otherwise it believes every program of this machine. Which proxies count is decided in `ProxyHeaders`
    alone. Uvicorn is found as the one who hears when the process shall end; another server needs neither.
    """
    server = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    if not isinstance(server, uvicorn.Server):
        return
    server.config.encoded_headers = [header for header in server.config.encoded_headers if header[0] != _SERVER]
    if isinstance(server.config.loaded_app, ProxyHeadersMiddleware):
        server.config.loaded_app = server.config.loaded_app.app
