"""Stored images as they leave: to a browser, to whoever has a link, to a prediction service.

Images that were stored by earlier releases may have metadata. Their bytes and hashes stay as they are; what leaves has
none. This is the only reader of stored image bytes outside the store.
"""

from dataclasses import replace

from lib.domain.images import PreparedImage
from lib.errors import UnusableImage
from lib.images.expensive_files import UnknownStructure
from lib.images.metadata import strip_metadata
from lib.store import Store

_MOST_REMEMBERED = 10_000
_clean: dict[str, bool] = {}  # hashes of files that have no metadata: they are taken apart once


def get_outgoing_content(store: Store, sha256: str) -> bytes:
    """The bytes of a stored image, without metadata. Raises FileNotFoundError, and UnusableImage for a broken file."""
    return _strip(sha256, store.get_content(sha256))


def get_outgoing_image(store: Store, session_id: str, sha256: str) -> PreparedImage:
    """An image of a session as versions receive it.

    Raises LookupError where there is no such session or image, FileNotFoundError and UnusableImage.
    """
    prepared = store.get_prepared(session_id, sha256)
    return replace(prepared, content=_strip(sha256, prepared.content))


def _strip(sha256: str, content: bytes) -> bytes:
    if sha256 in _clean:
        return content
    try:
        stripped = strip_metadata(content)
    except UnknownStructure as error:
        raise UnusableImage("The stored image is damaged. Upload it again.") from error
    if stripped is content:
        if len(_clean) >= _MOST_REMEMBERED:
            _clean.clear()
        _clean[sha256] = True
    return stripped
