"""Stored images: as they leave, without metadata, and their appearance."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from lib.domain.images import Appearance, PreparedImage
from lib.errors import UnusableImage
from lib.images.file_structure import UnknownStructure
from lib.images.image_workers import ImageWorkers
from lib.images.metadata import strip_metadata
from lib.store import Store

_MOST_REMEMBERED = 10_000
_clean: dict[str, bool] = {}  # hashes of files that have no metadata: they are taken apart once


def get_outgoing_content(store: Store, sha256: str) -> bytes:
    """The bytes of a stored image, without metadata. Raises FileNotFoundError, and UnusableImage for a broken file."""
    return _strip(sha256, store.images.get_content(sha256))


def get_outgoing_image(store: Store, session_id: str, sha256: str) -> PreparedImage:
    """An image of a session as versions receive it.

    Raises LookupError where there is no such session or image, FileNotFoundError and UnusableImage.
    """
    prepared = store.images.get_prepared(session_id, sha256)
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


_BATCH_SIZE = 200


def ensure_appearances(
    store: Store,
    sha256s: Sequence[str],
    images: ImageWorkers,
    advance: Callable[[int, int], None] | None = None,
) -> None:
    """Compute and store the appearance of each image that has none, at half a millisecond each.

    `advance` receives the number done and the total after each batch. Images whose file is missing or broken are
    skipped.
    """
    missing = store.images.find_without_appearance(sha256s)
    for start in range(0, len(missing), _BATCH_SIZE):
        if advance:
            advance(start, len(missing))
        store.images.add_appearances(_describe_images(store, missing[start : start + _BATCH_SIZE], images))


def _describe_images(store: Store, sha256s: Sequence[str], images: ImageWorkers) -> dict[str, Appearance]:
    thumbnails = {sha256: thumbnail for sha256 in sha256s if (thumbnail := _find_thumbnail(store, sha256))}
    try:
        appearances = images.describe_thumbnails(list(thumbnails.values()))
    except UnusableImage:
        return {}
    return {sha256: found for sha256, found in zip(thumbnails, appearances, strict=True) if found is not None}


def _find_thumbnail(store: Store, sha256: str) -> bytes:
    try:
        return store.images.get_thumbnail(sha256)
    except OSError:  # the file is gone
        return b""
