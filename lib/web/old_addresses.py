"""Addresses of earlier releases, and where their pages, parameters and choices are today."""

from urllib.parse import parse_qsl, urlencode

from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from lib.web.base_path import BasePath

PATHS = {"/probe": "/robustness", "/log": "/audit_log"}
PARAMETERS = {"service": "provider"}
_TABS = {"Take it along": "Export", "How firm": "Robustness", "Where it looks": "Saliency"}
VALUES = {
    "part": _TABS,
    "shared-part": _TABS,
    "probing": _TABS,
    "rows": {
        "versions disagree": "Versions disagree",
        "failed": "Failed",
        "unreviewed": "Unreviewed",
        "wrong": "Wrong",
        "a fix": "Fix",
        "a regression": "Regression",
    },
    "sort": {
        "added": "Order added",
        "name": "Name",
        "largest score change": "Largest score change",
        "lowest margin": "Lowest margin",
        "slowest answer": "Slowest prediction",
    },
    "order": {
        "latest first": "Newest first",
        "oldest first": "Oldest first",
        "title": "Title",
        "most images": "Most images",
        "lowest agreement": "Lowest agreement",
        "least reviewed": "Least reviewed",
    },
}
"""Choices that were renamed, by the parameter that holds them today."""

PAGES = {"/", "/predict", "/history", "/compare", "/review", "/robustness", "/models", "/audit_log", "/shared"}
"""Addresses of pages."""


class OldAddresses:
    """ASGI middleware that permanently redirects a page's old addresses to today's."""

    def __init__(self, app: ASGIApp, *, base: BasePath) -> None:
        self._app = app
        self._base = base

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Redirect requests for old addresses, and pass all others on."""
        path = self._base.find_path(scope) if scope["type"] == "http" and scope["method"] in {"GET", "HEAD"} else None
        current = None if path is None else find_current_address(path, scope["query_string"].decode("latin-1"))
        if current is None:
            await self._app(scope, receive, send)
        else:
            await RedirectResponse(self._base.join(current), 308)(scope, receive, send)


def find_current_address(path: str, query: str) -> str | None:
    """Return today's address of a page that an earlier release had at `path` with this query; None if it is today's."""
    current_path = PATHS.get(path.rstrip("/"), path)
    if current_path not in PAGES:
        return None
    given = parse_qsl(query, keep_blank_values=True)
    named = [(PARAMETERS.get(name, name), value) for name, value in given]
    current = [(name, VALUES.get(name, {}).get(value, value)) for name, value in named]
    if current_path == path and current == given:
        return None
    return f"{current_path}?{urlencode(current)}" if current else current_path
