"""The base path below which the app is served, and well-formed paths."""

from dataclasses import dataclass
from typing import Self

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

ALIVE = "/livez"
READY = "/readyz"
HEALTH = (ALIVE, READY, "/healthz")
"""Health checks, at the host's root and below the base path. The last one is the name of READY in earlier releases."""

_MALFORMED = "This address is not well formed. Check it, or start at the app's first page."


@dataclass(frozen=True, slots=True)
class BasePath:
    """The path of the app on its host: `prefix` is empty, or starts with a slash and ends without one."""

    prefix: str = ""

    @classmethod
    def from_option(cls, option: str | None) -> Self:
        """Return the base path of Streamlit's option `server.baseUrlPath`, parsed as Streamlit does."""
        name = (option or "").strip("/")
        return cls(f"/{name}" if name else "")

    def join(self, path: str) -> str:
        """Return the path on the host of a path in the app, which starts with a slash."""
        return f"{self.prefix}{path}"

    def find_path(self, scope: Scope) -> str | None:
        """Return a request's path in the app; None if the request is not below the base path."""
        path: str = scope["path"]
        if not self.prefix:
            return path
        return path[len(self.prefix) :] if path == self.prefix or path.startswith(f"{self.prefix}/") else None


class PathGuard:
    """ASGI middleware that refuses ambiguous paths.

    Servers decode an address once. A path that then still has empty or dotted parts, backslashes or unprintable
    characters has no use here except to get around guards that compare paths.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] == "lifespan" or is_well_formed(scope["path"]):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await PlainTextResponse(_MALFORMED, 400)(scope, receive, send)


def is_well_formed(path: str) -> bool:
    """Report whether a decoded path is unambiguous."""
    first, *parts = path.split("/")
    within = parts[:-1]
    return (
        not first
        and bool(parts)
        and all(within)
        and {".", ".."}.isdisjoint(parts)
        and "\\" not in path
        and path.isprintable()
    )


class StripBasePath:
    """ASGI app that passes requests on to another one without the base path."""

    def __init__(self, app: ASGIApp, base: BasePath) -> None:
        self._app = app
        self._base = base

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with a shorter path."""
        path = self._base.find_path(scope)
        if self._base.prefix and path is not None:
            scope = {**scope, "path": path, "raw_path": path.encode(), "root_path": ""}
        await self._app(scope, receive, send)
