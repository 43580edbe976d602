"""Files of Streamlit's upload widgets: Streamlit has placeholders, and the store has the contents."""

from collections.abc import Iterable

from lib.errors import StorageUnavailable
from lib.web import resources
from lib.web.streamlit_internals import UploadedFile, find_visit_id
from lib.workflows.prediction_tasks import Upload


def take_upload(file: UploadedFile) -> Upload | None:
    """Take over a file, which does not count as waiting from now on; return None if it could not be stored."""
    waiting = resources.uploads().take(find_visit_id() or "", file.file_id)
    if waiting is None:
        # Where no browser uploads, as in tests of a page alone, the widget has the content.
        return Upload(file.name, file.getvalue())
    return Upload(file.name, key=waiting.key) if waiting.key else None


def read_upload(file: UploadedFile) -> bytes:
    """Return the content of a file. Raises StorageUnavailable if it was deleted, as after an hour."""
    waiting = resources.uploads().find(find_visit_id() or "", file.file_id)
    if waiting is None:
        return file.getvalue()
    try:
        return resources.store().incoming.read(waiting.key)
    except FileNotFoundError as error:
        raise StorageUnavailable(f"{file.name} is not on the server any more. Select the file again.") from error


def discard_uploads(files: Iterable[UploadedFile]) -> None:
    """Delete the contents of files that were read."""
    uploads = [resources.uploads().take(find_visit_id() or "", file.file_id) for file in files]
    resources.store().incoming.discard([waiting.key for waiting in uploads if waiting])
