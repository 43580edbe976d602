"""Finds out what images look like, once for each image, so that near-duplicates can be told."""

from collections.abc import Callable, Sequence

from lib.images.perceptual_hash import perceptual_hash
from lib.store import Store

_AT_A_TIME = 200


def ensure_looks(store: Store, sha256s: Sequence[str], advance: Callable[[int, int], None] | None = None) -> None:
    """Keep the perceptual hash of each of the images that has none yet; takes half a millisecond for each.

    `advance` is told now and then how many of how many are done. An image whose file is gone or broken is left out.
    """
    missing = store.find_without_look(sha256s)
    for start in range(0, len(missing), _AT_A_TIME):
        if advance:
            advance(start, len(missing))
        looks = {sha256: _look(store, sha256) for sha256 in missing[start : start + _AT_A_TIME]}
        store.add_looks({sha256: look for sha256, look in looks.items() if look is not None})


def _look(store: Store, sha256: str) -> int | None:
    try:
        return perceptual_hash(store.get_thumbnail(sha256))
    except OSError:  # the file is gone, or broken
        return None
