"""Routes beside the pages and the prediction API: images, exported files, and the audit log as a file."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from lib.domain.people import Actor, Person
from lib.domain.sessions import Share
from lib.errors import NotAdmitted, PredictionsHidden, RoleMissing, StorageUnavailable, UnusableImage
from lib.store import Store
from lib.web.base_path import BasePath
from lib.web.page_head import SCRIPT, serve_script
from lib.workflows.exports.deliver import record_download
from lib.workflows.exports.export_queue import ExportQueue
from lib.workflows.exports.log_file import export_log
from lib.workflows.sharing import act_by_link
from lib.workflows.stored_images import get_outgoing_content

LOG_FILE = "/log.csv"
SAMPLES = "/samples"
# Browsers request an image again after a minute, with the tag of the one they have, and permissions are checked before
# tags are compared. So a sign-out or a revoked link takes effect within a minute. `vary`: the next user of the browser
# has other cookies.
_PRIVATE = {"cache-control": "private, max-age=60, must-revalidate", "vary": "cookie"}
_NOT_CACHED = {"cache-control": "no-store"}
_SIGN_IN_FIRST = PlainTextResponse("Sign in to see this.", 401, _NOT_CACHED)


@dataclass(frozen=True, slots=True)
class Sources:
    """What routes read from.

    `find_person` returns the person to whom cookies belong, and raises NotAdmitted; `find_sample` returns the thumbnail
    of a sample by its file name, as JPEG.
    """

    store: Callable[[], Store]
    exports: Callable[[], ExportQueue]
    find_person: Callable[[Mapping[str, str]], Person]
    find_sample: Callable[[str], bytes | None]


class FileEndpoints:
    """One method for each route. They may wait for the store, and run in threads."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    def picture(self, request: Request) -> Response:
        """An image of a session, as versions receive it."""
        return self._refuse(request) or self._picture(request, request.path_params["session_id"], small=False)

    def thumbnail(self, request: Request) -> Response:
        """The thumbnail of an image of a session."""
        return self._refuse(request) or self._picture(request, request.path_params["session_id"], small=True)

    def shared_picture(self, request: Request) -> Response:
        """An image of the session that a link opens."""
        return self._picture(request, self._find_shared_session(request), small=False)

    def shared_thumbnail(self, request: Request) -> Response:
        """The thumbnail of an image of the session that a link opens."""
        return self._picture(request, self._find_shared_session(request), small=True)

    def sample(self, request: Request) -> Response:
        """The thumbnail of a sample."""
        refusal = self._refuse(request)
        if refusal:
            return refusal
        content = self._sources.find_sample(request.path_params["name"])
        if content is None:
            return _not_found("There is no such image.")
        tag = hashlib.sha256(content).hexdigest()
        return _find_not_modified(request, tag) or Response(
            content, headers=_make_headers(tag), media_type="image/jpeg"
        )

    def export(self, request: Request) -> Response:
        """An exported file."""
        actor = self._find_actor(request)
        return self._export(actor, request.path_params["token"]) if actor else _SIGN_IN_FIRST

    def shared_export(self, request: Request) -> Response:
        """An exported file of the session that a link opens."""
        share = self._find_share(request)
        return (
            self._export(act_by_link(share), request.path_params["token"], share.session_id)
            if share
            else _export_gone()
        )

    def log_file(self, request: Request) -> Response:
        """The audit log as CSV, for admins."""
        actor = self._find_actor(request)
        if actor is None:
            return _SIGN_IN_FIRST
        try:
            pieces = export_log(self._sources.store(), actor)
        except RoleMissing as missing:
            return PlainTextResponse(str(missing), 403, _NOT_CACHED)
        name = 'attachment; filename="second-look-log.csv"'
        return StreamingResponse(
            pieces, media_type="text/csv; charset=utf-8", headers={**_NOT_CACHED, "content-disposition": name}
        )

    def _find_actor(self, request: Request) -> Actor | None:
        """Return the person who sends the request; None if they are not admitted."""
        try:
            return self._sources.find_person(request.cookies).as_actor()
        except NotAdmitted:
            return None

    def _refuse(self, request: Request) -> Response | None:
        return None if self._find_actor(request) else _SIGN_IN_FIRST

    def _find_share(self, request: Request) -> Share | None:
        return self._sources.store().sharing.find_by_token(request.path_params["share"], datetime.now(UTC))

    def _find_shared_session(self, request: Request) -> str:
        """Return the id of the session that the link opens; empty if it opens none."""
        share = self._find_share(request)
        return share.session_id if share else ""

    def _picture(self, request: Request, session_id: str, *, small: bool) -> Response:
        store, sha256 = self._sources.store(), request.path_params["sha256"]
        tag = f"{sha256}-small" if small else sha256
        try:
            image = store.images.get(session_id, sha256)
            not_modified = _find_not_modified(request, tag)
            if not_modified:
                return not_modified
            content = store.images.get_thumbnail(sha256) if small else get_outgoing_content(store, sha256)
        except (LookupError, FileNotFoundError, UnusableImage):
            return _not_found("There is no such image.")
        return Response(content, headers=_make_headers(tag), media_type="image/jpeg" if small else image.media_type)

    def _export(self, actor: Actor, token: str, only_of_session: str = "") -> Response:
        try:
            job = self._sources.exports().get(token)
        except LookupError:
            return _export_gone()
        if only_of_session not in {"", job.subject}:
            return _export_gone()
        if job.result is None:
            return _not_found("This file is not ready yet.")
        try:
            record_download(self._sources.store(), actor, job.result)
        except PredictionsHidden as hidden:
            return PlainTextResponse(str(hidden), 403, _NOT_CACHED)
        request = job.result.request
        return FileResponse(job.result.path, media_type=request.media_type, filename=request.name, headers=_NOT_CACHED)


def _export_gone() -> Response:
    return _not_found("This file was deleted. Export it again.")


def make_routes(base: BasePath, sources: Sources) -> list[Route]:
    """Return the routes below the base path."""
    endpoints = FileEndpoints(sources)
    paths = {
        "/exports/{token}": endpoints.export,
        "/shared-exports/{share}/{token}": endpoints.shared_export,
        "/pictures/{session_id}/{sha256}": endpoints.picture,
        "/pictures/{session_id}/{sha256}/small": endpoints.thumbnail,
        "/shared-pictures/{share}/{sha256}": endpoints.shared_picture,
        "/shared-pictures/{share}/{sha256}/small": endpoints.shared_thumbnail,
        f"{SAMPLES}/{{name}}": endpoints.sample,
        LOG_FILE: endpoints.log_file,
    }
    files = [Route(base.join(path), _answer_unavailable(endpoint)) for path, endpoint in paths.items()]
    return [*files, Route(base.join(SCRIPT), serve_script)]


def _answer_unavailable(endpoint: Callable[[Request], Response]) -> Callable[[Request], Response]:
    """Answer with the sentence of StorageUnavailable, so that proxies and programs try again."""

    @wraps(endpoint)
    def answer(request: Request) -> Response:
        try:
            return endpoint(request)
        except StorageUnavailable as error:
            return PlainTextResponse(str(error), 503, _NOT_CACHED)

    return answer


def _make_headers(tag: str) -> dict[str, str]:
    return {**_PRIVATE, "etag": f'"{tag}"'}


def _find_not_modified(request: Request, tag: str) -> Response | None:
    """Return the response to a browser that has this image already."""
    known = {name.strip().removeprefix("W/") for name in request.headers.get("if-none-match", "").split(",")}
    return Response(status_code=304, headers=_make_headers(tag)) if f'"{tag}"' in known else None


def _not_found(message: str) -> Response:
    return PlainTextResponse(message, 404, _NOT_CACHED)
