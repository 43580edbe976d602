"""The process that decodes untrusted images: `python -m lib.images.worker_main`, started by ImageWorkers."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from PIL import Image

from lib.domain.images import ImageLimits
from lib.errors import UnusableImage
from lib.images.decoding import Decoded, decode
from lib.images.perturbations import open_picture, perturb_picture
from lib.images.preparation import describe_appearance, encode_sent
from lib.images.thumbnails import shrink_thumbnail
from lib.processes.worker_loop import Handler, run_worker
from lib.processes.worker_process import Json


class _Opened:
    """A cache of the latest picture: one image is perturbed in many ways in a row."""

    def __init__(self) -> None:
        self._sha256 = ""
        self._picture: Decoded | None = None

    def get(self, sha256: str, content: bytes, media_type: str) -> Decoded:
        """Return the picture of the image with this SHA-256. Raises UnusableImage."""
        if self._picture is None or self._sha256 != sha256:
            self.forget()
            self._picture = open_picture(content, media_type)
            self._sha256 = sha256
        return self._picture

    def forget(self) -> None:
        """Release the picture's memory."""
        self._sha256, self._picture = "", None


_opened = _Opened()


def handle(request: Json, payload: memoryview) -> tuple[Json, bytes]:
    """Handle one request. For an unusable image, the reply has the reason."""
    content = bytes(payload)
    if request["do"] != "perturb":
        _opened.forget()
    try:
        return _HANDLERS[request["do"]](request, content)
    except UnusableImage as refused:
        return {"refusal": str(refused)}, b""


def _prepare(request: Json, content: bytes) -> tuple[Json, bytes]:
    sent, thumbnail = encode_sent(content, ImageLimits(**request["limits"]))
    is_same = sent.content is content
    reply = {
        "is_same": is_same,
        "media_type": sent.media_type,
        "size_px": sent.size_px,
        "steps": sent.steps,
        "captured_at": sent.captured_at and sent.captured_at.isoformat(),
        "thumbnail_bytes": len(thumbnail),
    }
    return reply, thumbnail if is_same else thumbnail + sent.content


def _read_pixels(request: Json, content: bytes) -> tuple[Json, bytes]:
    pixels = decode(content, ImageLimits(**request["limits"]), upright=False).pixels
    rgb = pixels if pixels.mode == "RGB" else pixels.convert("RGB")
    size_px = (request["width_px"], request["height_px"])
    return {}, np.asarray(rgb.resize(size_px, Image.Resampling.BILINEAR), np.uint8).tobytes()


def _perturb(request: Json, content: bytes) -> tuple[Json, bytes]:
    picture = _opened.get(request["sha256"], content, request["media_type"])
    sent = perturb_picture(picture, request["key"], request["sent_bytes"])
    return {"media_type": sent.media_type, "size_px": sent.size_px}, sent.content


def _hash(request: Json, content: bytes) -> tuple[Json, bytes]:
    hashes, start = [], 0
    for size in request["sizes"]:
        hashes.append(_hash_one(content[start : start + size]))
        start += size
    return {"hashes": hashes}, b""


def _hash_one(thumbnail: bytes) -> str | None:
    try:
        return describe_appearance(thumbnail).to_bytes().hex()
    except Exception:
        return None


def _shrink(_: Json, content: bytes) -> tuple[Json, bytes]:
    try:
        return {}, shrink_thumbnail(content)
    except Exception as error:
        raise UnusableImage("The thumbnail is damaged.") from error


_HANDLERS = {
    "prepare": _prepare,
    "read pixels": _read_pixels,
    "perturb": _perturb,
    "hash": _hash,
    "shrink": _shrink,
}


def start(_: list[str]) -> tuple[Handler, Mapping[str, Any]]:
    """Return the handler of requests, and an empty description."""
    return handle, {}


if __name__ == "__main__":
    run_worker(start)
