"""Thumbnails in memory, for places of images that take a request over the network for each."""

from collections import OrderedDict
from threading import Lock

_MAX_BYTES = 64 << 20


class ThumbnailCache:
    """The thumbnails used last, by the SHA-256 of their images, up to `max_bytes`. Thread-safe.

    An image has the same thumbnail forever, so none is ever out of date. Callers decide whether it may be shown.
    """

    def __init__(self, max_bytes: int = _MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._lock = Lock()
        self._thumbnails: OrderedDict[str, bytes] = OrderedDict()
        self._size_bytes = 0

    def find(self, sha256: str) -> bytes | None:
        """Return the thumbnail of an image; None if it is not here."""
        with self._lock:
            if sha256 not in self._thumbnails:
                return None
            self._thumbnails.move_to_end(sha256)
            return self._thumbnails[sha256]

    def put(self, sha256: str, thumbnail: bytes) -> None:
        """Keep a thumbnail, and drop those that nobody used for the longest time if there are too many."""
        with self._lock:
            self._drop(sha256)
            self._thumbnails[sha256] = thumbnail
            self._size_bytes += len(thumbnail)
            while self._size_bytes > self._max_bytes:
                self._drop(next(iter(self._thumbnails)))

    def drop(self, sha256: str) -> None:
        """Drop the thumbnail of an image, if it is here."""
        with self._lock:
            self._drop(sha256)

    def _drop(self, sha256: str) -> None:
        self._size_bytes -= len(self._thumbnails.pop(sha256, b""))
