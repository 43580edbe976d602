"""What the app's port answers beside the pages and the prediction API: stored pictures and built files."""

from datetime import UTC, datetime

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from lib.ui import resources

# A picture is named by what is in it: it never changes.
_FOR_EVER = {"cache-control": "private, max-age=31536000, immutable", "x-content-type-options": "nosniff"}


async def health(_: Request) -> JSONResponse:
    """Say that the server is up."""
    return JSONResponse({"status": "ok"})


async def picture(request: Request) -> Response:
    """An image of a session, as versions receive it."""
    return await run_in_threadpool(_picture, **request.path_params, small=False)


async def small_picture(request: Request) -> Response:
    """The small picture of an image of a session."""
    return await run_in_threadpool(_picture, **request.path_params, small=True)


async def shared_picture(request: Request) -> Response:
    """An image of the session that a link opens."""
    return await run_in_threadpool(_shared_picture, **request.path_params, small=False)


async def small_shared_picture(request: Request) -> Response:
    """The small picture of an image of the session that a link opens."""
    return await run_in_threadpool(_shared_picture, **request.path_params, small=True)


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
    """A file that was built to be taken along, streamed from the disk."""
    try:
        job = resources.exports().get(request.path_params["token"])
    except LookupError:
        return PlainTextResponse("This file is not kept any more. Build it again.", 404)
    if not job.finished:
        return PlainTextResponse("This file is not ready yet.", 404)
    return FileResponse(job.path, media_type=job.media_type, filename=job.name, headers={"cache-control": "no-store"})


ROUTES = [
    Route("/healthz", health),
    Route("/exports/{token}", export),
    Route("/pictures/{session_id}/{sha256}", picture),
    Route("/pictures/{session_id}/{sha256}/small", small_picture),
    Route("/shared-pictures/{token}/{sha256}", shared_picture),
    Route("/shared-pictures/{token}/{sha256}/small", small_shared_picture),
]
