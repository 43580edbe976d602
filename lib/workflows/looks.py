"""Finds out what images look like, once for each image, so that near-duplicates can be told."""

from collections.abc import Callable, Sequence

from lib.errors import UnusableImage
from lib.images.image_workers import ImageWorkers
from lib.store import Store

_AT_A_TIME = 200


def ensure_looks(
    store: Store,
    sha256s: Sequence[str],
    images: ImageWorkers,
    advance: Callable[[int, int], None] | None = None,
) -> None:
    """Keep the perceptual hash of each of the images that has none yet; takes half a millisecond for each.

    `advance` is told now and then how many of how many are done. An image whose file is gone or broken is left out.
    """
    missing = store.find_without_look(sha256s)
    for start in range(0, len(missing), _AT_A_TIME):
        if advance:
            advance(start, len(missing))
        store.add_looks(_find_looks(store, missing[start : start + _AT_A_TIME], images))


def _find_looks(store: Store, sha256s: Sequence[str], images: ImageWorkers) -> dict[str, int]:
    thumbnails = {sha256: thumbnail for sha256 in sha256s if (thumbnail := _find_thumbnail(store, sha256))}
    try:
        looks = images.hash_thumbnails(list(thumbnails.values()))
    except UnusableImage:
        return {}
    return {sha256: look for sha256, look in zip(thumbnails, looks, strict=True) if look is not None}


def _find_thumbnail(store: Store, sha256: str) -> bytes:
    try:
        return store.get_thumbnail(sha256)
    except OSError:  # the file is gone
        return b""
