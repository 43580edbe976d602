"""Returns people to the page from which they signed in. Streamlit would send all of them to the first page."""

from urllib.parse import quote, unquote, urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lib.web.base_path import BasePath, is_well_formed

CALLBACK = "/oauth2callback"
_LOGIN = "/auth/login"
_COOKIE = "second_look_wanted"
_COOKIE_LASTS_S = 900
_LONGEST = 2000


class ReturnToMiddleware:
    """ASGI middleware that keeps the page in a cookie on the way to the sign-in provider, and redirects there after.

    The page is the request's `Referer`.
    """

    def __init__(self, app: ASGIApp, *, base: BasePath) -> None:
        self._app = app
        self._base = base

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; change the response if it begins or ends a sign-in."""
        path = self._base.find_path(scope) if scope["type"] == "http" else None
        if path not in {_LOGIN, CALLBACK}:
            await self._app(scope, receive, send)
            return
        request = Request(scope)

        async def send_changed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=list(message["headers"]))
                if path == _LOGIN:
                    self._set_cookie(headers, find_referring_page(request))
                else:
                    self._redirect_back(headers, request)
                message["headers"] = headers.raw
            await send(message)

        await self._app(scope, receive, send_changed)

    def _set_cookie(self, headers: MutableHeaders, page: str) -> None:
        value = page if is_own_page(page, self._base) else ""
        headers.append("set-cookie", self._format_cookie(value, _COOKIE_LASTS_S))

    def _redirect_back(self, headers: MutableHeaders, request: Request) -> None:
        page = unquote(request.cookies.get(_COOKIE, ""))
        if "location" in headers and is_own_page(page, self._base):
            headers["location"] = page
        headers.append("set-cookie", self._format_cookie("", 0))

    def _format_cookie(self, page: str, lasts_s: int) -> str:
        attributes = f"Path={self._base.join(CALLBACK)}; Max-Age={lasts_s}; HttpOnly; SameSite=Lax"
        return f"{_COOKIE}={quote(page, safe='')}; {attributes}"


def find_referring_page(request: Request) -> str:
    """Return path and query of the app's page that the browser comes from; empty if it comes from elsewhere."""
    referer = urlsplit(request.headers.get("referer", ""))
    if referer.netloc != request.headers.get("host"):
        return ""
    return f"{referer.path}?{referer.query}" if referer.query else referer.path


def is_own_page(page: str, base: BasePath) -> bool:
    """Report whether `page` can only be a path below the base path, and no other server's name in disguise."""
    path = page.partition("?")[0]
    is_below = base.find_path({"path": path}) is not None
    return is_below and is_well_formed(path) and page.isprintable() and len(page) < _LONGEST
