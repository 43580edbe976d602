"""In front of the address at which Streamlit signs people out: it deletes the cookie, and leaves its copies working."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from lib.web.base_path import BasePath
from lib.web.origin_guard import is_origin_of

_SIGN_OUT = "/auth/logout"
# "none": somebody typed the address, or keeps it as a bookmark.
_OWN_SITES = {"same-origin", "none"}
_WORDS = "A page of another site asked to sign you out. To leave, press Sign out in Second Look."


@dataclass(frozen=True, slots=True)
class WayOut:
    """Where the app is and under which address browsers reach it, and what ends the sign-in of whoever has these
    cookies, if there is one.
    """

    base: BasePath
    own: SplitResult
    sign_out_caller: Callable[[Mapping[str, str]], None]


class SignOutGuard:
    """ASGI middleware: who signs out by the address is out wherever the cookie is; no other site's page can do it.

    It is asked by GET, for which browsers send no `Origin`. They say in `Sec-Fetch-Site` and `Referer` who asks.
    """

    def __init__(self, app: ASGIApp, *, way_out: WayOut) -> None:
        self._app = app
        self._way_out = way_out

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the call on, after the sign-in has ended, or refuse it."""
        path = self._way_out.base.find_path(scope) if scope["type"] == "http" else None
        if path != _SIGN_OUT:
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        if not self._is_own(request):
            await PlainTextResponse(_WORDS, 403)(scope, receive, send)
            return
        await run_in_threadpool(self._way_out.sign_out_caller, request.cookies)
        await self._app(scope, receive, send)

    def _is_own(self, request: Request) -> bool:
        sites, referers = request.headers.getlist("sec-fetch-site"), request.headers.getlist("referer")
        return _OWN_SITES.issuperset(sites) and all(
            is_origin_of(request, _cut_path(referer), self._way_out.own) for referer in referers
        )


def _cut_path(address: str) -> str:
    return "/".join(address.split("/")[:3])
