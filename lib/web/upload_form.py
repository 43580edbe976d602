"""The form in which a browser uploads a file: the file goes to the store, and Streamlit gets one byte in its place.

Streamlit keeps every uploaded file in memory until the visitor leaves. The store keeps it on disk.
"""

import shutil
from dataclasses import dataclass
from typing import BinaryIO

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message, Receive, Scope
from urllib3.filepost import encode_multipart_formdata

PLACEHOLDER = b"\0"
"""What Streamlit gets in place of a file."""


class InvalidUpload(Exception):
    """The body is not a form with one file, or is longer than announced."""


@dataclass(frozen=True, slots=True)
class UploadForm:
    """A form with one file, which Starlette has put into a temporary file unless it is small."""

    field: str
    file: UploadFile

    def copy_to(self, file: BinaryIO) -> int:
        """Write the file, and return its size in bytes. Blocks."""
        shutil.copyfileobj(self.file.file, file)
        return self.file.file.tell()

    def replace_file(self, scope: Scope) -> tuple[Scope, Receive]:
        """Return the request again, with one byte in place of the file."""
        part = (self.file.filename or "", PLACEHOLDER, self.file.content_type or "application/octet-stream")
        body, content_type = encode_multipart_formdata({self.field: part})
        replaced = {b"content-type": content_type.encode(), b"content-length": str(len(body)).encode()}
        headers = [(name, replaced.get(name.lower(), value)) for name, value in scope["headers"]]

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        return {**scope, "headers": headers}, receive


async def read_form(request: Request) -> UploadForm:
    """Read the body. Raises InvalidUpload; the caller closes the form of the request."""
    try:
        form = await request.form(max_files=1, max_fields=0)
    except (ClientDisconnect, HTTPException) as error:
        raise InvalidUpload from error
    files = [(field, file) for field, file in form.multi_items() if isinstance(file, UploadFile)]
    if len(files) != 1:
        raise InvalidUpload
    return UploadForm(*files[0])
