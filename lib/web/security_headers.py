"""What browsers are told on every response: what a page may load and run, and who may frame it."""

import base64
import hashlib
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import file_util

_INLINE_SCRIPT = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.DOTALL)
_HTTPS = {"https", "wss"}
_STARTS = {"http.response.start", "websocket.accept"}


class SecurityHeaders:
    """ASGI middleware that sets them; a response that has one of its own keeps it.

    `secure`: browsers reach the app by HTTPS, and shall send its cookies by nothing else. So they shall where a call
    came by HTTPS. Streamlit does not ask for that, not even for the cookie that says who signed in.
    """

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self._app = app
        self._secure = secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the call on, and add the headers to its answer."""

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
    """The headers by name."""
    page = Path(file_util.get_static_dir(), "index.html").read_text(encoding="utf-8")
    return {
        "content-security-policy": "; ".join(_policy(_INLINE_SCRIPT.findall(page))),
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        # An address names a session: no other site shall learn of it.
        "referrer-policy": "same-origin",
        "permissions-policy": "camera=(self), microphone=(), geolocation=(), payment=(), usb=()",
        "cross-origin-opener-policy": "same-origin",
    }


def _policy(inline_scripts: Iterable[str]) -> list[str]:
    """What pages may load. Of scripts that stand in a page only Streamlit's own run, known by their hashes."""
    # Streamlit's page compiles WebAssembly, which this allows, and turns no text into a script.
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
