"""Decodes images in worker processes, which a file can hang or crash without harm to the app."""

import os
import weakref
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lib.domain.images import Appearance, ImageLimits, PreparedImage
from lib.errors import UnusableImage
from lib.images.encoding import Encoded
from lib.images.perturbations import Perturbation
from lib.images.preparation import check_size, describe_prepared
from lib.processes.worker_pool import WorkerPool
from lib.processes.worker_process import Json, Reply, WorkerDied, WorkerKind, WorkerTimedOut

KIND = WorkerKind("lib.images.worker_main", memory_bytes=1200 << 20, call_s=15.0)
_TAKES_TOO_LONG = "Decoding the image takes too long. Save it as a plain JPEG or PNG, then upload it again."
_CANNOT_BE_DECODED = "The image cannot be decoded. Save it as a plain JPEG or PNG, then upload it again."
_MEDIA_TYPES = {"image/jpeg", "image/png"}
_HASHES_PER_CALL = 100


class ImageWorkers:
    """Decodes untrusted images in workers that start on demand. Thread-safe.

    Methods raise UnusableImage for images that are invalid, take too long or crash their worker.
    """

    def __init__(self, most: int = os.cpu_count() or 1, kind: WorkerKind = KIND) -> None:
        self._pool = WorkerPool(most)
        self._kind = kind
        # Also called when the object is garbage-collected, so that no process is left behind.
        self.close = weakref.finalize(self, self._pool.close)
        """End the workers. No method may be called afterward."""

    def count(self) -> int:
        """Return the number of workers now."""
        return self._pool.count()

    def prepare(self, content: bytes, name: str, limits: ImageLimits) -> PreparedImage:
        """Return the image to send for a file: `prepare_image` in another process."""
        check_size(content, limits)
        reply = self._call({"do": "prepare", "limits": asdict(limits)}, content)
        try:
            sent, thumbnail = _read_prepared(reply, content)
        except (KeyError, TypeError, ValueError) as error:
            raise UnusableImage(_CANNOT_BE_DECODED) from error
        return describe_prepared(sent, thumbnail, name)

    def read_pixels(self, content: bytes, width_px: int, height_px: int) -> NDArray[np.uint8]:
        """Return the picture stretched to a size: RGB, shape (height, width, 3).

        It is decoded as in `prepare`, but without applying EXIF orientation.
        """
        limits = ImageLimits()
        check_size(content, limits)
        request = {"do": "read pixels", "limits": asdict(limits), "width_px": width_px, "height_px": height_px}
        reply = self._call(request, content)
        try:
            return np.frombuffer(reply.payload, np.uint8).reshape(height_px, width_px, 3)
        except ValueError as error:
            raise UnusableImage(_CANNOT_BE_DECODED) from error

    def perturb(self, prepared: PreparedImage, perturbation: Perturbation, sent_bytes: int) -> PreparedImage:
        """Return the perturbed image in the same format, without a thumbnail."""
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
        steps = (*image.steps, perturbation.description)
        return describe_prepared(replace(sent, steps=steps), b"", image.name)

    def describe_thumbnails(self, thumbnails: Sequence[bytes]) -> list[Appearance | None]:
        """Return the appearance of each thumbnail; None for broken ones."""
        found: list[Appearance | None] = []
        for start in range(0, len(thumbnails), _HASHES_PER_CALL):
            found += self._hash(thumbnails[start : start + _HASHES_PER_CALL])
        return found

    def shrink_thumbnail(self, thumbnail: bytes) -> bytes:
        """Return a JPEG of about 160 × 120 px from a thumbnail."""
        return self._call({"do": "shrink"}, thumbnail).payload

    def _hash(self, thumbnails: Sequence[bytes]) -> list[Appearance | None]:
        reply = self._call({"do": "hash", "sizes": [len(thumbnail) for thumbnail in thumbnails]}, b"".join(thumbnails))
        try:
            hashes = [
                None if found is None else Appearance.from_bytes(bytes.fromhex(found))
                for found in reply.content["hashes"]
            ]
        except (KeyError, TypeError, ValueError):
            hashes = list[Appearance | None]()
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
    """Return the file and thumbnail in a reply. Raises KeyError, TypeError or ValueError if it is invalid."""
    size = int(reply.content["thumbnail_bytes"])
    sent = content if reply.content["is_same"] else reply.payload[size:]
    return _read_encoded(reply.content, sent), reply.payload[:size]


def _read_encoded(reply: dict[str, Any], content: bytes) -> Encoded:
    width_px, height_px = map(int, reply["size_px"])
    if reply["media_type"] not in _MEDIA_TYPES or min(width_px, height_px) < 1:
        raise ValueError("not an image")
    steps, captured_at = tuple(map(str, reply.get("steps", ()))), reply.get("captured_at")
    moment = None if captured_at is None else datetime.fromisoformat(captured_at).astimezone(UTC)
    return Encoded(content, reply["media_type"], (width_px, height_px), steps, moment)
