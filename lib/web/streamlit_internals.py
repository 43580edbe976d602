"""What the running uvicorn must not do by itself. Streamlit starts it, without a way to set this."""

import hmac
import json
import signal
from collections.abc import Mapping
from typing import Any

import uvicorn
from streamlit.auth_util import get_cookie_with_chunks, get_origin_from_redirect_uri
from streamlit.runtime import Runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value, decode_xsrf_token_string
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME, XSRF_COOKIE_NAME
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


def find_cookies(visit: str) -> Mapping[str, str] | None:
    """Return the cookies with which the browser opened the visit's WebSocket; None where no such visit is open."""
    client = Runtime.instance().get_client(visit) if Runtime.exists() else None
    opened = client.client_context if client else None
    return opened.cookies if opened else None


def is_same_browser(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Whether two sets of cookies come from one browser: Streamlit gives each a random value, masked anew each time."""
    first, second = (decode_xsrf_token_string(cookies.get(XSRF_COOKIE_NAME, ""))[0] for cookies in (one, other))
    return bool(first and second) and hmac.compare_digest(first or b"", second or b"")


def find_held_sizes(visit: str) -> list[int]:
    """Return the sizes in bytes of the files that are held in memory for a visit."""
    manager = Runtime.instance().uploaded_file_mgr if Runtime.exists() else None
    if not isinstance(manager, MemoryUploadedFileManager):
        return []
    return [len(file.data) for file in list(manager.file_storage.get(visit, {}).values())]


def find_claims(cookies: Mapping[str, str]) -> dict[str, Any]:
    """What the provider said of whoever holds these cookies; empty where they do not hold such a one, signed by us."""
    secret = get_cookie_secret()

    def find_signed(name: str) -> bytes | None:
        # Servers read cookies as Latin-1.
        value = cookies.get(name)
        return decode_signed_value(secret, name, value.encode("latin-1")) if value else None

    content = get_cookie_with_chunks(find_signed, USER_COOKIE_NAME)
    claims: dict[str, Any] = json.loads(content) if content else {}
    ours = claims.get("is_logged_in") and claims.get("origin") == get_origin_from_redirect_uri()
    return claims if ours else {}
