"""Paths that the app answers, and their names in the log."""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute, Match, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from lib.web.base_path import BasePath
from lib.web.old_addresses import PAGES, PATHS
from lib.web.streamlit_internals import find_static_folder

_METHOD = re.compile(r":[A-Za-z]{1,20}$")
_NOT_FOUND = "There is no page at this address. Check it, or start at the app's first page."


class KnownPaths:
    """ASGI middleware that answers 404 at paths that are unknown.

    For these, Streamlit would send its page with the status 200, to a browser as to a program that looks for a file.
    """

    def __init__(self, app: ASGIApp, *, base: BasePath) -> None:
        self._app = app
        self._base = base

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] == "lifespan" or find_path_name(scope, self._base) is not None:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})
        else:
            await PlainTextResponse(_NOT_FOUND, 404, {"cache-control": "no-store"})(scope, receive, send)


def find_path_name(scope: Scope, base: BasePath) -> str | None:
    """Return the path of a request for the log; None if nothing answers at this path.

    Variable parts are replaced by their names: they may be tokens of links and exports.
    """
    host_path: str = scope["path"]
    path = base.find_path(scope)
    if path is not None and (path in _find_files() or (path.rstrip("/") or "/") in PAGES | PATHS.keys()):
        return host_path
    routes: Iterable[BaseRoute] = scope["app"].routes
    return next((_name(route, host_path) for route in routes if _answers(route, scope)), None)


def _answers(route: BaseRoute, scope: Scope) -> bool:
    # Streamlit serves its files, and its page for all other paths, from here.
    serves_files = isinstance(route, Mount) and isinstance(route.app, StaticFiles)
    return not serves_files and route.matches(scope)[0] is not Match.NONE


def _name(route: BaseRoute, path: str) -> str:
    if isinstance(route, Mount):
        method = _METHOD.search(path)
        return f"{route.path}/{{path}}{method[0] if method else ''}"
    return route.path if isinstance(route, Route | WebSocketRoute) else "{path}"


@cache
def _find_files() -> frozenset[str]:
    folder = Path(find_static_folder())
    return frozenset(f"/{file.relative_to(folder)}" for file in folder.rglob("*") if file.is_file())
