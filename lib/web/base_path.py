"""The path below which the app is served, and the paths of calls below it."""

from dataclasses import dataclass
from typing import Self

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

HEALTH = "/healthz"
"""Where load balancers ask whether the app is up: at the host's root, and below the base path."""

_MALFORMED = "This address is not well formed. Check it, or start at the app's first page."


@dataclass(frozen=True, slots=True)
class BasePath:
    """Where the app begins on its host: `prefix` is empty, or has a slash in front and none behind."""

    prefix: str = ""

    @classmethod
    def from_option(cls, option: str | None) -> Self:
        """The base path that Streamlit's option `server.baseUrlPath` names, as Streamlit reads it."""
        name = (option or "").strip("/")
        return cls(f"/{name}" if name else "")

    def join(self, path: str) -> str:
        """Return the path at which browsers find what is at `path` of the app; `path` begins with a slash."""
        return f"{self.prefix}{path}"

    def find_path(self, scope: Scope) -> str | None:
        """Return the path of a call without the prefix; None for a call of something beside the app."""
        path: str = scope["path"]
        if not self.prefix:
            return path
        return path[len(self.prefix) :] if path == self.prefix or path.startswith(f"{self.prefix}/") else None


class PathGuard:
    """ASGI middleware that refuses paths which two readers may read differently.

    Servers decode an address once. What then still has empty or dotted parts, backslashes or marks that do not print
    has no use here but to get round those who look at paths.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the call on, or refuse it."""
        if scope["type"] == "lifespan" or is_well_formed(scope["path"]):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await PlainTextResponse(_MALFORMED, 400)(scope, receive, send)


def is_well_formed(path: str) -> bool:
    """Whether a decoded path can be read in one way only."""
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


class Rebased:
    """ASGI app that gives another one the calls below the base path as if it began at the host's root."""

    def __init__(self, app: ASGIApp, base: BasePath) -> None:
        self._app = app
        self._base = base

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the call on with a shorter path."""
        path = self._base.find_path(scope)
        if self._base.prefix and path is not None:
            scope = {**scope, "path": path, "raw_path": path.encode(), "root_path": ""}
        await self._app(scope, receive, send)
