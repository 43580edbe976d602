"""Takes files from those who may come in only: Streamlit would keep anybody's in memory."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from lib.ui.sign_in.admission import is_let_in

_UPLOADS = "/_stcore/upload_file"


class UploadGuard:
    """ASGI middleware in front of Streamlit's own route for uploads, which knows no sign-in."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the call on, or refuse it unread."""
        is_upload = scope["type"] == "http" and scope.get("path", "").startswith(_UPLOADS)
        if is_upload and not await run_in_threadpool(is_let_in, Request(scope)):
            await PlainTextResponse("Sign in to upload.", 401)(scope, receive, send)
        else:
            await self._app(scope, receive, send)
