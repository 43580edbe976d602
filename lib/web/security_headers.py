"""Security headers on every response: what a page may load and run, and who may frame it."""

import base64
import hashlib
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lib.web.streamlit_internals import find_static_folder

_INLINE_SCRIPT = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.DOTALL)
_HTTPS = {"https", "wss"}
_STARTS = {"http.response.start", "websocket.accept"}


class SecurityHeaders:
    """ASGI middleware that sets security headers. A header that a response has already stays.

    Cookies become `Secure` if a request came by HTTPS, or always with `secure`: browsers reach the app by HTTPS.
    Streamlit does not set that, not even on the cookie of the sign-in.
    """

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self._app = app
        self._secure = secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and add the headers to the response."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] in _STARTS:
                headers = MutableHeaders(raw=list(message.get("headers") or ()))
                for name, value in find_headers().items():
                    headers.setdefault(name, value)
                is_secure = self._secure or scope["scheme"] in _HTTPS
                message["headers"] = [_secure(*header) for header in headers.raw] if is_secure else headers.raw
            await send(message)

        await self._app(scope, receive, send_with_headers)


@cache
def find_headers() -> dict[str, str]:
    """Return the headers by name."""
    page = Path(find_static_folder(), "index.html").read_text(encoding="utf-8")
    return {
        "content-security-policy": "; ".join(_policy(_INLINE_SCRIPT.findall(page))),
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        # An address names a session: other sites must not see it.
        "referrer-policy": "same-origin",
        "permissions-policy": "camera=(self), microphone=(), geolocation=(), payment=(), usb=()",
        "cross-origin-opener-policy": "same-origin",
    }


def _policy(inline_scripts: Iterable[str]) -> list[str]:
    """Return what pages may load. Of inline scripts only Streamlit's own may run, by their hashes."""
    # Streamlit's page compiles WebAssembly, which this allows. It evaluates no text as a script.
    scripts = " ".join(["'self'", *map(_hash, inline_scripts), "'wasm-unsafe-eval'"])
    return [
        "default-src 'self'",
        f"script-src {scripts}",
        "worker-src 'self' blob:",
        # Streamlit and plotly write styles into the page; styles run nothing.
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        "font-src 'self' data:",
        "connect-src 'self' ws: wss: data: blob:",
        "frame-ancestors 'none'",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
    ]


def _secure(name: bytes, value: bytes) -> tuple[bytes, bytes]:
    is_open_cookie = name == b"set-cookie" and b"; secure" not in value.lower()
    return name, value + b"; Secure" if is_open_cookie else value


def _hash(script: str) -> str:
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return f"'sha256-{digest}'"
