"""Leads people who signed in back to the page that they wanted: Streamlit leads them all to the first one."""

from urllib.parse import quote, unquote, urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lib.web.base_path import BasePath, is_well_formed

RETURN = "/oauth2callback"
_LEAVE = "/auth/login"
_COOKIE = "second_look_wanted"
_SIGNING_IN_TAKES_S = 900
_LONGEST = 2000


class ReturnToMiddleware:
    """ASGI middleware. On the way to the provider it keeps, in a cookie, which page one comes from, which the browser
    says of itself (`Referer`); on the way back it leads there.
    """

    def __init__(self, app: ASGIApp, *, base: BasePath) -> None:
        self._app = app
        self._base = base

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the call on, and change its answer where it is one of the two."""
        path = self._base.find_path(scope) if scope["type"] == "http" else None
        if path not in {_LEAVE, RETURN}:
            await self._app(scope, receive, send)
            return
        request = Request(scope)

        async def send_changed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=list(message["headers"]))
                if path == _LEAVE:
                    self._keep(headers, find_wanted(request))
                else:
                    self._lead_back(headers, request)
                message["headers"] = headers.raw
            await send(message)

        await self._app(scope, receive, send_changed)

    def _keep(self, headers: MutableHeaders, wanted: str) -> None:
        kept = wanted if is_ours(wanted, self._base) else ""
        headers.append("set-cookie", self._write_cookie(kept, _SIGNING_IN_TAKES_S))

    def _lead_back(self, headers: MutableHeaders, request: Request) -> None:
        wanted = unquote(request.cookies.get(_COOKIE, ""))
        if "location" in headers and is_ours(wanted, self._base):
            headers["location"] = wanted
        headers.append("set-cookie", self._write_cookie("", 0))

    def _write_cookie(self, wanted: str, lasts_s: int) -> str:
        kept_for = f"Path={self._base.join(RETURN)}; Max-Age={lasts_s}; HttpOnly; SameSite=Lax"
        return f"{_COOKIE}={quote(wanted, safe='')}; {kept_for}"


def find_wanted(request: Request) -> str:
    """Path and query of the page of ours that the browser comes from; empty where it comes from elsewhere."""
    came_from = urlsplit(request.headers.get("referer", ""))
    if came_from.netloc != request.headers.get("host"):
        return ""
    return f"{came_from.path}?{came_from.query}" if came_from.query else came_from.path


def is_ours(wanted: str, base: BasePath) -> bool:
    """Whether this can only lead to a page of ours: a path below ours, and no other server's name in disguise."""
    path = wanted.partition("?")[0]
    is_below = base.find_path({"path": path}) is not None
    return is_below and is_well_formed(path) and wanted.isprintable() and len(wanted) < _LONGEST
