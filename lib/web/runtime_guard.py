"""In front of those of Streamlit's own routes that know no sign-in, and are not for everybody."""

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
_FOR_EVERYBODY = frozenset({"/_stcore/health", "/_stcore/host-config"})
_MEDIA = "/media"
_NO_ROOM = "Too many files wait in memory. Upload fewer at once."


@dataclass(frozen=True, slots=True)
class Doors:
    """What the guard asks: where the app is, whose browser has these cookies (raises NotAdmitted), and what is held.

    `record_refused` is told who was refused an upload, and why.
    """

    base: BasePath
    find_person: Callable[[Mapping[str, str]], Person]
    uploads: UploadLimits
    record_refused: Callable[[Person, str], None]


@dataclass(frozen=True, slots=True)
class RefusedCall:
    """An HTTP status, and a sentence that says why."""

    status: int
    words: str


_NOTHING_THERE = RefusedCall(404, "There is no such file.")


class RuntimeGuard:
    """ASGI middleware: whatever of Streamlit's is not named for everybody is for those who signed in.

    Files are kept in memory, whoever sends them, so reviewers alone may send some, to visits of their own browser, and
    not without bounds. Nothing of ours is in Streamlit's media folder, which asks nobody who they are: it is shut.
    """

    def __init__(self, app: ASGIApp, *, doors: Doors) -> None:
        self._app = app
        self._doors = doors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the call on, or refuse it unread."""
        path = self._doors.base.find_path(scope) if scope["type"] == "http" else None
        if path is None or path in _FOR_EVERYBODY or not _is_below(path, _RUNTIME, _MEDIA):
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        admitted = _NOTHING_THERE if _is_below(path, _MEDIA) else await run_in_threadpool(self._admit, request, path)
        if isinstance(admitted, RefusedCall):
            await PlainTextResponse(admitted.words, admitted.status)(scope, receive, send)
        elif _is_below(path, _UPLOADS) and scope["method"] == "PUT":
            await self._take_upload(request, (_find_visit(path), admitted.address), receive, send)
        else:
            await self._app(scope, receive, send)

    def _admit(self, request: Request, path: str) -> Person | RefusedCall:
        try:
            person = self._doors.find_person(request.cookies)
        except NotAdmitted:
            return RefusedCall(401, "Sign in first.")
        if not _is_below(path, _UPLOADS):
            return person
        if not person.may(Role.REVIEWER):
            self._doors.record_refused(person, "needs the role reviewer")
            return RefusedCall(403, "Uploading needs the role reviewer.")
        if not self._is_own_visit(request, person, _find_visit(path)):
            self._doors.record_refused(person, "to a page that is not connected, or not theirs")
            return RefusedCall(403, "This page is not connected. Load it again, then upload.")
        return person

    def _is_own_visit(self, request: Request, person: Person, visit: str) -> bool:
        """Whether the visit is one of the browser and of the person that ask."""
        cookies = find_cookies(visit)
        if cookies is None or not is_same_browser(cookies, request.cookies):
            return False
        try:
            return self._doors.find_person(cookies).address == person.address
        except NotAdmitted:
            return False

    async def _take_upload(self, request: Request, whose: tuple[str, str], receive: Receive, send: Send) -> None:
        """Have Streamlit keep the file if there is room; `whose` it is: the visit, and who uploads (may be empty)."""
        length = request.headers.get("content-length", "")
        # A body in chunks is as long as it likes, whatever length is said beside it.
        if "transfer-encoding" in request.headers or not (length.isascii() and length.isdecimal()):
            await PlainTextResponse("Send Content-Length: the size is not known.", 411)(request.scope, receive, send)
            return
        visit, address = whose
        person = address or (request.client.host if request.client else "")
        with self._doors.uploads.reserve(visit, person, int(length)) as has_room:
            if has_room:
                await self._app(request.scope, _at_most(receive, int(length)), send)
            else:
                await PlainTextResponse(_NO_ROOM, 413)(request.scope, receive, send)


def _is_below(path: str, *prefixes: str) -> bool:
    return path.startswith(prefixes)


def _find_visit(path: str) -> str:
    """The id of the visit in .../upload_file/VISIT/FILE."""
    return path.removeprefix(_UPLOADS).lstrip("/").partition("/")[0]


def _at_most(receive: Receive, length: int) -> Receive:
    """The body, and the caller gone as soon as it is longer than was said."""
    left = length

    async def receive_counted() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        return message if left >= 0 else {"type": "http.disconnect"}

    return receive_counted
