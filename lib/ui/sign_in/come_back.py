"""Leads people who signed in back to the page that they wanted: Streamlit leads them all to the first one."""

from urllib.parse import quote, unquote, urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_LEAVE, _RETURN = "/auth/login", "/oauth2callback"
_COOKIE = "second_look_wanted"
_SIGNING_IN_TAKES_S = 900
_LONGEST = 2000


class ComeBack:
    """ASGI middleware. On the way to the provider it keeps, in a cookie, which page one comes from, which the browser
    says of itself (`Referer`); on the way back it leads there.

    `secure`: browsers reach the app by HTTPS, and shall send the cookies of the way by nothing else. Streamlit does not
    ask for that, not even for the one that says who signed in.
    """

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self._app = app
        self._secure = secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the call on, and change its answer where it is one of the two."""
        path = scope.get("path", "")
        if scope["type"] != "http" or path not in {_LEAVE, _RETURN}:
            await self._app(scope, receive, send)
            return
        request = Request(scope)

        async def send_changed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=list(message["headers"]))
                if path == _LEAVE:
                    _keep(headers, find_wanted(request))
                else:
                    _lead_back(headers, request)
                message["headers"] = [_secure(*header) for header in headers.raw] if self._secure else headers.raw
            await send(message)

        await self._app(scope, receive, send_changed)


def find_wanted(request: Request) -> str:
    """Path and query of the page of ours that the browser comes from; empty where it comes from elsewhere."""
    came_from = urlsplit(request.headers.get("referer", ""))
    if came_from.netloc != request.headers.get("host"):
        return ""
    return f"{came_from.path}?{came_from.query}" if came_from.query else came_from.path


def is_ours(wanted: str) -> bool:
    """Whether this can only lead to a page of ours: a path, and no other server's name in disguise."""
    return wanted.startswith("/") and wanted[1:2] not in {"/", "\\"} and wanted.isprintable() and len(wanted) < _LONGEST


def _keep(headers: MutableHeaders, wanted: str) -> None:
    headers.append("set-cookie", _write_cookie(wanted if is_ours(wanted) else "", _SIGNING_IN_TAKES_S))


def _lead_back(headers: MutableHeaders, request: Request) -> None:
    wanted = unquote(request.cookies.get(_COOKIE, ""))
    if "location" in headers and is_ours(wanted):
        headers["location"] = wanted
    headers.append("set-cookie", _write_cookie("", 0))


def _secure(name: bytes, value: bytes) -> tuple[bytes, bytes]:
    return name, value + b"; Secure" if name == b"set-cookie" else value


def _write_cookie(wanted: str, lasts_s: int) -> str:
    return f"{_COOKIE}={quote(wanted, safe='')}; Path={_RETURN}; Max-Age={lasts_s}; HttpOnly; SameSite=Lax"
