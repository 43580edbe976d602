"""In front of those of Streamlit's own routes that know no sign-in, and are not for everybody."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from lib.ui.sign_in.admission import is_let_in

# Files are kept in memory, whoever sends them; figures tell what the app is made of and how much it is used.
_GUARDED = ("/_stcore/upload_file", "/_stcore/metrics")


class RuntimeGuard:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the call on, or refuse it unread."""
        is_guarded = scope["type"] == "http" and scope["path"].startswith(_GUARDED)
        if is_guarded and not await run_in_threadpool(is_let_in, Request(scope)):
            await PlainTextResponse("Sign in first.", 401)(scope, receive, send)
        else:
            await self._app(scope, receive, send)
