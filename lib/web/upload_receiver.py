"""Receives uploaded files in place of Streamlit, which would keep them in memory: they go to the store."""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Send

from lib.errors import StorageUnavailable
from lib.store import Store
from lib.store.incoming import new_key
from lib.web.pending_uploads import NOT_STORED, PendingUploads, WaitingFile
from lib.web.upload_form import InvalidUpload, UploadForm, read_form

# Beside the file, the form has its name and some headers.
_LARGEST_BYTES = (200 << 20) + (1 << 16)
_INVALID = "The upload was interrupted. Upload the file again."
_TOO_LARGE = "The limit is 200 MB for each file."
_NO_ROOM = "The server has no space left for files that arrive. Ask your administrator to free space, then try again."
_BAD_REQUEST, _LENGTH_REQUIRED, _CONTENT_TOO_LARGE, _INSUFFICIENT_STORAGE = 400, 411, 413, 507


@dataclass(frozen=True, slots=True)
class UploadTarget:
    """Where a file goes: the visit, the id that Streamlit gives the file, and the person whose room it takes."""

    visit: str
    file_id: str
    person: str


class UploadReceiver:
    """Stores uploaded files and passes a placeholder on to Streamlit. `find_store` returns the store."""

    def __init__(self, app: ASGIApp, uploads: PendingUploads, find_store: Callable[[], Store]) -> None:
        self._app = app
        self._uploads = uploads
        self._find_store = find_store

    async def put(self, target: UploadTarget, request: Request, receive: Receive, send: Send) -> None:
        """Store the file if there is room, and let Streamlit answer; else answer why not."""
        length = request.headers.get("content-length", "")
        # A chunked body has any length, whatever the header says.
        if "transfer-encoding" in request.headers or not (length.isascii() and length.isdecimal()):
            await PlainTextResponse("Send the header Content-Length.", _LENGTH_REQUIRED)(request.scope, receive, send)
            return
        if int(length) > _LARGEST_BYTES:
            await self._refuse(target, request, send, _CONTENT_TOO_LARGE, _TOO_LARGE)
            return
        with self._uploads.reserve(target.visit, target.person, int(length)) as has_room:
            if has_room:
                await self._store(target, Request(request.scope, _limit_body(receive, int(length))), send)
            else:
                await self._refuse(target, request, send, _CONTENT_TOO_LARGE, self._uploads.limit_text)

    async def delete(self, target: UploadTarget, request: Request, receive: Receive, send: Send) -> None:
        """Delete a file that no page has taken, here and in Streamlit."""
        await self._discard(self._uploads.take(target.visit, target.file_id))
        await self._app(request.scope, receive, send)

    async def _store(self, target: UploadTarget, request: Request, send: Send) -> None:
        try:
            form = await read_form(request)
            waiting = await run_in_threadpool(self._write, target, form)
            await self._discard(self._uploads.take(target.visit, target.file_id))
            self._uploads.add(target.visit, target.file_id, waiting)
            await self._app(*form.replace_file(request.scope), self._watch(target, send))
        except InvalidUpload:
            await self._refuse(target, request, send, _BAD_REQUEST, _INVALID)
        except OSError:  # where forms are kept while they arrive: the folder of temporary files
            await self._refuse(target, request, send, _INSUFFICIENT_STORAGE, _NO_ROOM)
        finally:
            await request.close()

    def _watch(self, target: UploadTarget, send: Send) -> Send:
        """Delete the file if Streamlit refuses it, as without its token."""

        async def send_watched(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] >= _BAD_REQUEST:
                await self._discard(self._uploads.take(target.visit, target.file_id))
            await send(message)

        return send_watched

    async def _discard(self, file: WaitingFile | None) -> None:
        if file and file.key:
            await run_in_threadpool(self._find_store().incoming.discard, [file.key])

    def _write(self, target: UploadTarget, form: UploadForm) -> WaitingFile:
        key = new_key()
        try:
            with self._find_store().incoming.open_new(key) as file:
                return WaitingFile(key, form.copy_to(file))
        except StorageUnavailable as error:
            # Streamlit gets its placeholder all the same: else it would show a code, and the page would not run.
            self._uploads.refuse(target.visit, str(error))
            return NOT_STORED

    async def _refuse(self, target: UploadTarget, request: Request, send: Send, status: int, reason: str) -> None:
        self._uploads.refuse(target.visit, reason)
        await PlainTextResponse(reason, status)(request.scope, request.receive, send)


def _limit_body(receive: Receive, length: int) -> Receive:
    """Return the body's messages, and a disconnect as soon as it is longer than announced."""
    left = length

    async def receive_counted() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        return message if left >= 0 else {"type": "http.disconnect"}

    return receive_counted
