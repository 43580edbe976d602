"""The script of the pages, and the middleware that links it in the head of every page."""

import hashlib
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lib.web.base_path import BasePath

SCRIPT = "/second-look.js"
_FILE = Path(__file__).with_name("page.js")
_HEAD_END = b"</head>"
# Streamlit's page with our link is not the file that it has a tag and a date for, and must be readable here.
_CONDITIONS = {b"if-none-match", b"if-modified-since", b"accept-encoding", b"range"}
_VALIDATORS = ("etag", "last-modified", "accept-ranges")


def serve_script(request: Request) -> Response:
    """Return the script. Browsers ask each time whether it is still the same."""
    content = _FILE.read_bytes()
    tag = f'"{hashlib.sha256(content).hexdigest()}"'
    headers = {"etag": tag, "cache-control": "no-cache"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(content, headers=headers, media_type="text/javascript; charset=utf-8")


class PageHead:
    """ASGI middleware that links the script in the head of every page."""

    def __init__(self, app: ASGIApp, *, base: BasePath) -> None:
        self._app = app
        self._link = f'<script defer src="{base.join(SCRIPT)}"></script>'.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and add the link to the page if the response is one."""
        if scope["type"] != "http" or "text/html" not in Headers(scope=scope).get("accept", ""):
            await self._app(scope, receive, send)
            return
        plain = {**scope, "headers": [header for header in scope["headers"] if header[0] not in _CONDITIONS]}
        await self._app(plain, receive, _PageSender(send, self._link))


def _is_page(headers: Headers) -> bool:
    """Report whether this is a page to open, and not a file to save, such as an exported report."""
    return headers.get("content-type", "").startswith("text/html") and "content-disposition" not in headers


class _PageSender:
    """Sends a response on; of a page, whole and with the link."""

    def __init__(self, send: Send, link: bytes) -> None:
        self._send = send
        self._link = link
        self._start: Message | None = None
        self._parts: list[bytes] = []

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            if _is_page(Headers(raw=message["headers"])):
                self._start = message
                return
        elif message["type"] == "http.response.body" and self._start is not None:
            self._parts.append(message.get("body", b""))
            if not message.get("more_body"):
                await self._send_page(self._start)
            return
        await self._send(message)

    async def _send_page(self, start: Message) -> None:
        page = b"".join(self._parts).replace(_HEAD_END, self._link + _HEAD_END, 1)
        headers = MutableHeaders(raw=list(start["headers"]))
        for name in _VALIDATORS:
            if name in headers:
                del headers[name]
        headers["content-length"] = str(len(page))
        await self._send({**start, "headers": headers.raw})
        await self._send({"type": "http.response.body", "body": page})
