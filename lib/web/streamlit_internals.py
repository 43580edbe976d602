"""The one place that uses private names of Streamlit, those of release 1.67.

Each function says why the public API is not enough. After an update of Streamlit, check each against its source.
"""

import asyncio
import hmac
import json
import signal
import socket
from collections.abc import Mapping
from typing import Any

import uvicorn
from streamlit import file_util
from streamlit.auth_util import get_cookie_with_chunks, get_origin_from_redirect_uri
from streamlit.elements.lib.grid_container import GridContainer
from streamlit.runtime import Runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value, decode_xsrf_token_string
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME, XSRF_COOKIE_NAME
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

__all__ = ["GridContainer", "UploadedFile"]

STREAMLIT_VERSION = "1.67"
"""The release whose private names these are."""

_SERVER_HEADER = b"server"
_KEEP_ALIVE_S = 75
_REQUESTS_END_WITHIN_S = 5
_LOOK_AGAIN_S = 0.01


def configure_server() -> None:
    """Set what Streamlit gives no option for in the uvicorn that it starts. To be called when the app starts.

    Uvicorn sends its name, trusts every program on this machine as a proxy (`ProxyHeaders` decides which ones count),
    closes idle connections after 5 s, at the moment when a client may send its next request, and waits for open
    requests without end when it stops. The server is found as the handler of SIGTERM; another server than uvicorn
    needs none of this.
    """
    server = _find_server()
    if server is None:
        return
    server.config.timeout_keep_alive = _KEEP_ALIVE_S
    server.config.timeout_graceful_shutdown = _REQUESTS_END_WITHIN_S
    server.config.encoded_headers = [header for header in server.config.encoded_headers if header[0] != _SERVER_HEADER]
    if isinstance(server.config.loaded_app, ProxyHeadersMiddleware):
        server.config.loaded_app = server.config.loaded_app.app


async def send_at_once() -> None:
    """Have the kernel send each part of an answer at once, as soon as the server listens.

    Streamlit opens the port without naming TCP, and asyncio switches the delay off only where TCP is named. Every
    second request over a connection would then wait 40 ms. Connections have the option of the port that accepts them.
    """
    server = _find_server()
    while server and not server.started:
        await asyncio.sleep(_LOOK_AGAIN_S)
    for listening in server.servers if server else []:
        for port in listening.sockets:
            port.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _find_server() -> uvicorn.Server | None:
    server = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    return server if isinstance(server, uvicorn.Server) else None


def find_static_folder() -> str:
    """Return the folder of Streamlit's own page, whose inline scripts the security headers allow."""
    return file_util.get_static_dir()


def is_history_navigation() -> bool:
    """Report whether the visitor came to this address with the browser's *Back* or *Forward*.

    Streamlit then sets each widget to the address's value or to its default, and ignores the session state. A value
    that is missing in the address must then be the widget's default.
    """
    context = get_script_run_ctx()
    return bool(context and context.is_history_navigation)


def find_visit_id() -> str | None:
    """Return the id of this page's visit, a browser tab, which the public API does not tell; None outside a page."""
    context = get_script_run_ctx()
    return context.session_id if context else None


def release_upload(file: UploadedFile) -> None:
    """Remove an uploaded file from memory, where Streamlit keeps it until the visitor leaves."""
    context = get_script_run_ctx()
    if context and isinstance(context.uploaded_file_mgr, MemoryUploadedFileManager):
        context.uploaded_file_mgr.remove_file(context.session_id, file.file_id)


def find_cookies(visit_id: str) -> Mapping[str, str] | None:
    """Return the cookies with which the browser opened a visit's WebSocket; None if no such visit is open."""
    client = Runtime.instance().get_client(visit_id) if Runtime.exists() else None
    context = client.client_context if client else None
    return context.cookies if context else None


def is_same_browser(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Report whether two sets of cookies come from one browser.

    Streamlit gives each browser a random value, and masks it anew in each cookie.
    """
    first, second = (decode_xsrf_token_string(cookies.get(XSRF_COOKIE_NAME, ""))[0] for cookies in (one, other))
    return bool(first and second) and hmac.compare_digest(first or b"", second or b"")


def find_claims(cookies: Mapping[str, str]) -> dict[str, Any]:
    """Return the sign-in provider's claims in these cookies; empty if they hold none that this app has signed."""
    secret = get_cookie_secret()

    def find_signed(name: str) -> bytes | None:
        # Servers decode cookies as Latin-1.
        value = cookies.get(name)
        return decode_signed_value(secret, name, value.encode("latin-1")) if value else None

    content = get_cookie_with_chunks(find_signed, USER_COOKIE_NAME)
    claims: dict[str, Any] = json.loads(content) if content else {}
    is_own = claims.get("is_logged_in") and claims.get("origin") == get_origin_from_redirect_uri()
    return claims if is_own else {}
