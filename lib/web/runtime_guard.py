"""The guard before Streamlit's own routes, which know no sign-in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lib.domain.people import Person, Role
from lib.errors import NotAdmitted
from lib.web.base_path import BasePath
from lib.web.streamlit_internals import find_cookies, is_same_browser
from lib.web.upload_limits import UploadLimits

_RUNTIME = "/_stcore/"
_UPLOADS = "/_stcore/upload_file"
_PUBLIC = frozenset({"/_stcore/health", "/_stcore/host-config"})
_MEDIA = "/media"
_NO_ROOM = "Too many files are waiting in memory. Upload fewer at once."


@dataclass(frozen=True, slots=True)
class RuntimeRules:
    """What the guard decides by: base path, the person to whom cookies belong, and limits for uploads.

    `find_person` raises NotAdmitted; `record_refused` records who was refused an upload, and why.
    """

    base: BasePath
    find_person: Callable[[Mapping[str, str]], Person]
    uploads: UploadLimits
    record_refused: Callable[[Person, str], None]


@dataclass(frozen=True, slots=True)
class Refusal:
    """An HTTP status and the reason, as a sentence."""

    status: int
    message: str


_NO_FILE = Refusal(404, "There is no such file.")


class RuntimeGuard:
    """ASGI middleware that opens Streamlit's routes to people who have signed in, except a few that are public.

    Uploaded files are kept in memory, so only reviewers may upload, to visits of their own browser, within limits.
    Streamlit's media folder knows no sign-in. The app puts nothing there, and the guard closes it.
    """

    def __init__(self, app: ASGIApp, *, rules: RuntimeRules) -> None:
        self._app = app
        self._rules = rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it without reading its body."""
        path = self._rules.base.find_path(scope) if scope["type"] == "http" else None
        if path is None or path in _PUBLIC or not _is_below(path, _RUNTIME, _MEDIA):
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        admitted = _NO_FILE if _is_below(path, _MEDIA) else await run_in_threadpool(self._admit, request, path)
        if isinstance(admitted, Refusal):
            await PlainTextResponse(admitted.message, admitted.status)(scope, receive, send)
        elif _is_below(path, _UPLOADS) and scope["method"] == "PUT":
            await self._pass_upload_on(request, (_find_visit(path), admitted.address), receive, send)
        else:
            await self._app(scope, receive, send)

    def _admit(self, request: Request, path: str) -> Person | Refusal:
        try:
            person = self._rules.find_person(request.cookies)
        except NotAdmitted:
            return Refusal(401, "Sign in first.")
        if not _is_below(path, _UPLOADS):
            return person
        if not person.may(Role.REVIEWER):
            self._rules.record_refused(person, "needs the role reviewer")
            return Refusal(403, "Uploading needs the role reviewer.")
        if not self._is_own_visit(request, person, _find_visit(path)):
            self._rules.record_refused(person, "to a page that is not connected, or not their own")
            return Refusal(403, "This page is not connected. Reload it, then upload again.")
        return person

    def _is_own_visit(self, request: Request, person: Person, visit: str) -> bool:
        """Report whether the visit belongs to the browser and the person of the request."""
        cookies = find_cookies(visit)
        if cookies is None or not is_same_browser(cookies, request.cookies):
            return False
        try:
            return self._rules.find_person(cookies).address == person.address
        except NotAdmitted:
            return False

    async def _pass_upload_on(self, request: Request, owner: tuple[str, str], receive: Receive, send: Send) -> None:
        """Pass the file on if there is room. `owner` is the visit, and the person's address, which may be empty."""
        length = request.headers.get("content-length", "")
        # A chunked body has any length, whatever the header says.
        if "transfer-encoding" in request.headers or not (length.isascii() and length.isdecimal()):
            await PlainTextResponse("Send the header Content-Length.", 411)(request.scope, receive, send)
            return
        visit, address = owner
        person = address or (request.client.host if request.client else "")
        with self._rules.uploads.reserve(visit, person, int(length)) as has_room:
            if has_room:
                await self._app(request.scope, _limit_body(receive, int(length)), send)
            else:
                await PlainTextResponse(_NO_ROOM, 413)(request.scope, receive, send)


def _is_below(path: str, *prefixes: str) -> bool:
    return path.startswith(prefixes)


def _find_visit(path: str) -> str:
    """Return the id of the visit in .../upload_file/VISIT/FILE."""
    return path.removeprefix(_UPLOADS).lstrip("/").partition("/")[0]


def _limit_body(receive: Receive, length: int) -> Receive:
    """Return the body's messages, and a disconnect as soon as it is longer than announced."""
    left = length

    async def receive_counted() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        return message if left >= 0 else {"type": "http.disconnect"}

    return receive_counted
