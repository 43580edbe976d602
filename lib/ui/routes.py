"""What the app's port answers beside the pages and the prediction API: stored pictures and built files."""

from datetime import UTC, datetime

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from lib.domain.person import Actor
from lib.errors import NotAdmitted
from lib.ui import resources
from lib.ui.sign_in.admission import find_caller, is_let_in
from lib.workflows.exports.deliver import record_download
from lib.workflows.sharing import act_by_link

# A picture is named by what is in it: it never changes. Whoever uses the browser next has other cookies.
_FOR_EVER = {"cache-control": "private, max-age=31536000, immutable", "vary": "cookie"}


async def health(_: Request) -> JSONResponse:
    """Say that the server is up."""
    return JSONResponse({"status": "ok"})


async def picture(request: Request) -> Response:
    """An image of a session, as versions receive it."""
    return await run_in_threadpool(_own_picture, request, small=False)


async def small_picture(request: Request) -> Response:
    """The small picture of an image of a session."""
    return await run_in_threadpool(_own_picture, request, small=True)


async def shared_picture(request: Request) -> Response:
    """An image of the session that a link opens."""
    return await run_in_threadpool(_shared_picture, **request.path_params, small=False)


async def small_shared_picture(request: Request) -> Response:
    """The small picture of an image of the session that a link opens."""
    return await run_in_threadpool(_shared_picture, **request.path_params, small=True)


def _own_picture(request: Request, *, small: bool) -> Response:
    return _picture(**request.path_params, small=small) if is_let_in(request) else _stay_out()


def _shared_picture(token: str, sha256: str, *, small: bool) -> Response:
    share = resources.store().find_share(token, datetime.now(UTC))
    return _picture(share.session_id if share else "", sha256, small=small)


def _picture(session_id: str, sha256: str, *, small: bool) -> Response:
    store = resources.store()
    try:
        image = store.get_image(session_id, sha256)
        content = store.get_thumbnail(sha256) if small else store.get_content(sha256)
    except (LookupError, FileNotFoundError):
        return PlainTextResponse("There is no such picture.", 404)
    return Response(content, media_type="image/jpeg" if small else image.media_type, headers=_FOR_EVER)


async def export(request: Request) -> Response:
    """A file that was built to be taken along."""
    return await run_in_threadpool(_own_export, request)


async def shared_export(request: Request) -> Response:
    """A file that was built by way of a link, which must work still."""
    return await run_in_threadpool(_shared_export, **request.path_params)


def _own_export(request: Request) -> Response:
    try:
        actor = find_caller(request).as_actor()
    except NotAdmitted:
        return _stay_out()
    return _export(actor, **request.path_params)


def _shared_export(share: str, token: str) -> Response:
    found = resources.store().find_share(share, datetime.now(UTC))
    return _export(act_by_link(found), token, found.session_id) if found else _no_file()


def _export(actor: Actor, token: str, only_of_session: str = "") -> Response:
    try:
        job = resources.exports().get(token)
    except LookupError:
        return _no_file()
    if only_of_session not in {"", job.session_id}:
        return _no_file()
    if not job.finished:
        return PlainTextResponse("This file is not ready yet.", 404)
    record_download(resources.store(), actor, job)
    return FileResponse(job.path, media_type=job.media_type, filename=job.name, headers={"cache-control": "no-store"})


def _no_file() -> Response:
    return PlainTextResponse("This file is not kept any more. Build it again.", 404)


def _stay_out() -> Response:
    return PlainTextResponse("Sign in to see this.", 401)


ROUTES = [
    Route("/healthz", health),
    Route("/exports/{token}", export),
    Route("/shared-exports/{share}/{token}", shared_export),
    Route("/pictures/{session_id}/{sha256}", picture),
    Route("/pictures/{session_id}/{sha256}/small", small_picture),
    Route("/shared-pictures/{token}/{sha256}", shared_picture),
    Route("/shared-pictures/{token}/{sha256}/small", small_shared_picture),
]
