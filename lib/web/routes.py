"""What the app's port answers beside the pages and the prediction API: stored pictures and built files."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from lib.domain.people import Actor, Person
from lib.domain.sessions import Share
from lib.errors import NotAdmitted, RoleMissing, UnusableImage
from lib.store import Store
from lib.web.base_path import HEALTH, BasePath
from lib.workflows.exports.deliver import record_download
from lib.workflows.exports.log_file import export_log
from lib.workflows.exports.queue import ExportQueue
from lib.workflows.sharing import act_by_link
from lib.workflows.stored_images import get_outgoing_content

LOG_FILE = "/log.csv"
SAMPLES = "/samples"
# Browsers ask again after a minute, with the tag of what they have; rights are checked before that is compared. So
# nobody sees a picture for longer who signed out, or whose link was revoked. Whoever comes next has other cookies.
_PRIVATE = {"cache-control": "private, max-age=60, must-revalidate", "vary": "cookie"}
_NEVER_KEPT = {"cache-control": "no-store"}
_SIGN_IN_FIRST = PlainTextResponse("Sign in to see this.", 401, _NEVER_KEPT)


@dataclass(frozen=True, slots=True)
class Sources:
    """Where answers come from. `find_person` says whose browser has these cookies (raises NotAdmitted), `find_sample`
    gives the small picture of a sample by its file name, as JPEG.
    """

    store: Callable[[], Store]
    exports: Callable[[], ExportQueue]
    find_person: Callable[[Mapping[str, str]], Person]
    find_sample: Callable[[str], bytes | None]


class Answers:
    """One method for each address; all but `health` may wait for the store, and are run in threads."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    def picture(self, request: Request) -> Response:
        """An image of a session, as versions receive it."""
        return self._refuse(request) or self._picture(request, request.path_params["session_id"], small=False)

    def small_picture(self, request: Request) -> Response:
        """The small picture of an image of a session."""
        return self._refuse(request) or self._picture(request, request.path_params["session_id"], small=True)

    def shared_picture(self, request: Request) -> Response:
        """An image of the session that a link opens."""
        return self._picture(request, self._find_shared_session(request), small=False)

    def small_shared_picture(self, request: Request) -> Response:
        """The small picture of an image of the session that a link opens."""
        return self._picture(request, self._find_shared_session(request), small=True)

    def sample(self, request: Request) -> Response:
        """The small picture of a photograph to try."""
        refusal = self._refuse(request)
        if refusal:
            return refusal
        content = self._sources.find_sample(request.path_params["name"])
        if content is None:
            return _nothing("There is no such picture.")
        tag = hashlib.sha256(content).hexdigest()
        return _find_unchanged(request, tag) or Response(content, headers=_tagged(tag), media_type="image/jpeg")

    def export(self, request: Request) -> Response:
        """A file that was built to be taken along."""
        actor = self._find_actor(request)
        return self._export(actor, request.path_params["token"]) if actor else _SIGN_IN_FIRST

    def shared_export(self, request: Request) -> Response:
        """A file of the session that a link opens, which must work still."""
        share = self._find_share(request)
        return self._export(act_by_link(share), request.path_params["token"], share.session_id) if share else _no_file()

    def log_file(self, request: Request) -> Response:
        """The audit log as CSV, for admins."""
        actor = self._find_actor(request)
        if actor is None:
            return _SIGN_IN_FIRST
        try:
            pieces = export_log(self._sources.store(), actor)
        except RoleMissing as missing:
            return PlainTextResponse(str(missing), 403, _NEVER_KEPT)
        name = 'attachment; filename="second-look-log.csv"'
        return StreamingResponse(
            pieces, media_type="text/csv; charset=utf-8", headers={**_NEVER_KEPT, "content-disposition": name}
        )

    def _find_actor(self, request: Request) -> Actor | None:
        """Who asks; None for those who may not come in."""
        try:
            return self._sources.find_person(request.cookies).as_actor()
        except NotAdmitted:
            return None

    def _refuse(self, request: Request) -> Response | None:
        return None if self._find_actor(request) else _SIGN_IN_FIRST

    def _find_share(self, request: Request) -> Share | None:
        return self._sources.store().sharing.find_by_token(request.path_params["share"], datetime.now(UTC))

    def _find_shared_session(self, request: Request) -> str:
        """Id of the session that the link opens; empty where it opens none."""
        share = self._find_share(request)
        return share.session_id if share else ""

    def _picture(self, request: Request, session_id: str, *, small: bool) -> Response:
        store, sha256 = self._sources.store(), request.path_params["sha256"]
        tag = f"{sha256}-small" if small else sha256
        try:
            image = store.images.get(session_id, sha256)
            unchanged = _find_unchanged(request, tag)
            if unchanged:
                return unchanged
            content = store.images.get_thumbnail(sha256) if small else get_outgoing_content(store, sha256)
        except (LookupError, FileNotFoundError, UnusableImage):
            return _nothing("There is no such picture.")
        return Response(content, headers=_tagged(tag), media_type="image/jpeg" if small else image.media_type)

    def _export(self, actor: Actor, token: str, only_of_session: str = "") -> Response:
        try:
            job = self._sources.exports().get(token)
        except LookupError:
            return _no_file()
        if only_of_session not in {"", job.subject}:
            return _no_file()
        if job.result is None:
            return _nothing("This file is not ready yet.")
        record_download(self._sources.store(), actor, job.result)
        request = job.result.request
        return FileResponse(job.result.path, media_type=request.media_type, filename=request.name, headers=_NEVER_KEPT)


def _no_file() -> Response:
    return _nothing("This file is not kept any more. Build it again.")


def make_routes(base: BasePath, sources: Sources) -> list[Route]:
    """Make the routes below the base path; load balancers find the server's health at the host's root, too."""
    answers = Answers(sources)
    paths = {
        "/exports/{token}": answers.export,
        "/shared-exports/{share}/{token}": answers.shared_export,
        "/pictures/{session_id}/{sha256}": answers.picture,
        "/pictures/{session_id}/{sha256}/small": answers.small_picture,
        "/shared-pictures/{share}/{sha256}": answers.shared_picture,
        "/shared-pictures/{share}/{sha256}/small": answers.small_shared_picture,
        f"{SAMPLES}/{{name}}": answers.sample,
        LOG_FILE: answers.log_file,
    }
    health = [Route(path, _describe_up) for path in dict.fromkeys((HEALTH, base.join(HEALTH)))]
    return [*health, *(Route(base.join(path), answer) for path, answer in paths.items())]


async def _describe_up(_: Request) -> JSONResponse:
    return JSONResponse({"status": "ok"})


def _tagged(tag: str) -> dict[str, str]:
    return {**_PRIVATE, "etag": f'"{tag}"'}


def _find_unchanged(request: Request, tag: str) -> Response | None:
    """The answer to a browser that has this picture."""
    known = {name.strip().removeprefix("W/") for name in request.headers.get("if-none-match", "").split(",")}
    return Response(status_code=304, headers=_tagged(tag)) if f'"{tag}"' in known else None


def _nothing(words: str) -> Response:
    return PlainTextResponse(words, 404, _NEVER_KEPT)
