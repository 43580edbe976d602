"""The guard before Streamlit's own routes, which know no sign-in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from lib.domain.people import Person, Role
from lib.errors import NotAdmitted
from lib.store import Store
from lib.web.base_path import BasePath
from lib.web.pending_uploads import PendingUploads
from lib.web.streamlit_internals import find_cookies, is_same_browser
from lib.web.upload_receiver import UploadReceiver, UploadTarget

_RUNTIME = "/_stcore/"
_UPLOADS = "/_stcore/upload_file"
_PUBLIC = frozenset({"/_stcore/health", "/_stcore/host-config"})
_MEDIA = "/media"


@dataclass(frozen=True, slots=True)
class RuntimeRules:
    """What the guard decides by: base path, and the person to whom cookies belong.

    `find_person` raises NotAdmitted. `record_refused` records who was refused an upload, and why.
    """

    base: BasePath
    find_person: Callable[[Mapping[str, str]], Person]
    record_refused: Callable[[Person, str], None]


@dataclass(frozen=True, slots=True)
class Refusal:
    """An HTTP status and the reason, as a sentence."""

    status: int
    message: str


_NO_FILE = Refusal(404, "There is no such file.")


class RuntimeGuard:
    """ASGI middleware that opens Streamlit's routes to people who have signed in, except a few that are public.

    Only reviewers may upload, to visits of their own browser, within limits. Files go to the store, not into memory.
    Streamlit's media folder knows no sign-in. The app puts nothing there, and the guard closes it.
    """

    def __init__(
        self, app: ASGIApp, *, rules: RuntimeRules, uploads: PendingUploads, find_store: Callable[[], Store]
    ) -> None:
        self._app = app
        self._rules = rules
        self._receiver = UploadReceiver(app, uploads, find_store)

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
        elif _is_below(path, _UPLOADS) and scope["method"] in {"PUT", "DELETE"}:
            person = admitted.address or (request.client.host if request.client else "")
            change = self._receiver.put if scope["method"] == "PUT" else self._receiver.delete
            await change(_find_target(path, person), request, receive, send)
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
        if not self._is_own_visit(request, person, _find_target(path).visit):
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


def _is_below(path: str, *prefixes: str) -> bool:
    return path.startswith(prefixes)


def _find_target(path: str, person: str = "") -> UploadTarget:
    """Return the visit and the file in .../upload_file/VISIT/FILE."""
    visit, _, file_id = path.removeprefix(_UPLOADS).lstrip("/").partition("/")
    return UploadTarget(visit, file_id, person)
