"""Decodes images in processes of their own, which a file can hang, fill or kill without harm to the app."""

import os
import weakref
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lib.domain.images import ImageLimits, PreparedImage
from lib.errors import UnusableImage
from lib.images.encoding import Encoded
from lib.images.perturbations import Perturbation
from lib.images.preparation import describe_prepared, refuse_by_size
from lib.processes.worker_pool import WorkerPool
from lib.processes.worker_process import Json, Reply, WorkerDied, WorkerKind, WorkerTimedOut

KIND = WorkerKind("lib.images.worker_main", memory_bytes=1200 << 20, call_s=15.0)
_TAKES_TOO_LONG = "The image takes too long to decode: save it again as an ordinary JPEG or PNG."
_CANNOT_BE_DECODED = "The image cannot be decoded: save it again as an ordinary JPEG or PNG."
_MEDIA_TYPES = {"image/jpeg", "image/png"}
_HASHED_AT_A_TIME = 100


class ImageWorkers:
    """All that decodes images of strangers. Safe to share between threads; workers start when they are needed.

    Everything here raises UnusableImage for bytes that cannot be used, take too long or end their worker.
    """

    def __init__(self, most: int = os.cpu_count() or 1, kind: WorkerKind = KIND) -> None:
        self._pool = WorkerPool(most)
        self._kind = kind
        # Whoever forgets to close it leaves no processes behind.
        self.close = weakref.finalize(self, self._pool.close)
        """End the workers. Nothing may be asked afterwards."""

    def prepare(self, content: bytes, name: str, limits: ImageLimits) -> PreparedImage:
        """The image that is sent out of a file: see `prepare_image`, which this is in another process."""
        refuse_by_size(content, limits)
        reply = self._call({"do": "prepare", "limits": asdict(limits)}, content)
        try:
            sent, thumbnail = _read_prepared(reply, content)
        except (KeyError, TypeError, ValueError) as error:
            raise UnusableImage(_CANNOT_BE_DECODED) from error
        return describe_prepared(sent, thumbnail, name)

    def read_pixels(self, content: bytes, width_px: int, height_px: int) -> NDArray[np.uint8]:
        """The picture stretched to a size: RGB, shape (height, width, 3).

        It is decoded as `prepare` does, but for its EXIF orientation, which is left alone.
        """
        limits = ImageLimits()
        refuse_by_size(content, limits)
        request = {"do": "read pixels", "limits": asdict(limits), "width_px": width_px, "height_px": height_px}
        reply = self._call(request, content)
        try:
            return np.frombuffer(reply.payload, np.uint8).reshape(height_px, width_px, 3)
        except ValueError as error:
            raise UnusableImage(_CANNOT_BE_DECODED) from error

    def perturb(self, prepared: PreparedImage, perturbation: Perturbation, sent_bytes: int) -> PreparedImage:
        """The image perturbed, and saved as it was itself; it has no thumbnail."""
        image = prepared.image
        request = {
            "do": "perturb",
            "key": perturbation.key,
            "sha256": image.sha256,
            "media_type": image.media_type,
            "sent_bytes": sent_bytes,
        }
        reply = self._call(request, prepared.content)
        try:
            sent = _read_encoded(reply.content, reply.payload)
        except (KeyError, TypeError, ValueError) as error:
            raise UnusableImage(_CANNOT_BE_DECODED) from error
        steps = (*image.steps, perturbation.words)
        return describe_prepared(replace(sent, steps=steps), b"", image.name)

    def hash_thumbnails(self, thumbnails: Sequence[bytes]) -> list[int | None]:
        """The perceptual hash of each thumbnail; None for one that is broken."""
        found: list[int | None] = []
        for start in range(0, len(thumbnails), _HASHED_AT_A_TIME):
            found += self._hash(thumbnails[start : start + _HASHED_AT_A_TIME])
        return found

    def shrink_thumbnail(self, thumbnail: bytes) -> bytes:
        """A JPEG of about 160 × 120 px out of a thumbnail."""
        return self._call({"do": "shrink"}, thumbnail).payload

    def _hash(self, thumbnails: Sequence[bytes]) -> list[int | None]:
        reply = self._call({"do": "hash", "sizes": [len(each) for each in thumbnails]}, b"".join(thumbnails))
        try:
            hashes = [None if found is None else int(found, 16) % (1 << 64) for found in reply.content["hashes"]]
        except (KeyError, TypeError, ValueError):
            hashes = []
        return hashes if len(hashes) == len(thumbnails) else [None] * len(thumbnails)

    def _call(self, request: Json, payload: bytes) -> Reply:
        try:
            reply = self._pool.call(self._kind, request, payload)
        except WorkerTimedOut as error:
            raise UnusableImage(_TAKES_TOO_LONG) from error
        except WorkerDied as error:
            raise UnusableImage(_CANNOT_BE_DECODED) from error
        if "refusal" in reply.content:
            raise UnusableImage(str(reply.content["refusal"])[:300])
        return reply


def _read_prepared(reply: Reply, content: bytes) -> tuple[Encoded, bytes]:
    """What a worker made of a file. Raises KeyError, TypeError or ValueError for what no worker of ours says."""
    size = int(reply.content["thumbnail_bytes"])
    sent = content if reply.content["is_same"] else reply.payload[size:]
    return _read_encoded(reply.content, sent), reply.payload[:size]


def _read_encoded(said: dict[str, Any], content: bytes) -> Encoded:
    width_px, height_px = map(int, said["size_px"])
    if said["media_type"] not in _MEDIA_TYPES or min(width_px, height_px) < 1:
        raise ValueError("not a picture")
    return Encoded(content, said["media_type"], (width_px, height_px), tuple(map(str, said.get("steps", ()))))
