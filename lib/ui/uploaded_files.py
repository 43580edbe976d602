"""Files of Streamlit's upload widgets: Streamlit has placeholders, and the store has the contents."""

from collections.abc import Iterable

from lib.errors import StorageUnavailable
from lib.web import resources
from lib.web.streamlit_internals import UploadedFile, find_visit_id
from lib.web.upload_form import PLACEHOLDER
from lib.workflows.prediction_tasks import Upload

_WAITED_TOO_LONG = "The upload took longer than six hours. Upload fewer files at once."


def take_upload(file: UploadedFile) -> Upload | None:
    """Take over a file, which does not count as waiting from now on; return None if the server does not have it."""
    visit = find_visit_id() or ""
    waiting = resources.uploads().take(visit, file.file_id)
    if waiting:
        return Upload(file.name, key=waiting.key) if waiting.key else None
    content = file.getvalue()
    if content == PLACEHOLDER:
        resources.uploads().refuse(visit, _WAITED_TOO_LONG)
        return None
    # Where no browser uploads, as in tests of a page alone, the widget has the content.
    return Upload(file.name, content)


def read_upload(file: UploadedFile) -> bytes:
    """Return the content of a file. Raises StorageUnavailable if it was deleted, as after six hours."""
    waiting = resources.uploads().find(find_visit_id() or "", file.file_id)
    content = file.getvalue()
    if waiting is None and content != PLACEHOLDER:
        return content
    if waiting is None or not waiting.key:
        raise StorageUnavailable(f"{file.name} is not on the server. Select the file again.")
    try:
        return resources.store().incoming.read(waiting.key)
    except FileNotFoundError as error:
        raise StorageUnavailable(f"{file.name} is not on the server any more. Select the file again.") from error


def discard_uploads(files: Iterable[UploadedFile]) -> None:
    """Delete the contents of files that were read."""
    uploads = [resources.uploads().take(find_visit_id() or "", file.file_id) for file in files]
    resources.store().incoming.discard([waiting.key for waiting in uploads if waiting])
