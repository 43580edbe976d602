"""Versions that fail on purpose, so that a client's handling of failures can be seen and tested."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256

from lib.serving.refusals import busy, unavailable
from lib.serving.served_models import ServedModel

FAMILY = "faults"
_FAILURES_PER_IMAGE = 2
_BUSY_FOR_S = 1.0


class ConnectionDropped(Exception):
    """The caller shall see the connection end, with no answer."""


def fault_models(model: ServedModel, wait_s: float) -> list[ServedModel]:
    """Versions `slow` (by `wait_s`), `flaky`, `busy` and `dropped`; those that answer do so with `model`'s scores."""
    faults: dict[str, Callable[[bytes], None]] = {
        "busy": _be_busy,
        "dropped": _drop,
        "flaky": _Flaky(),
        "slow": lambda _: time.sleep(wait_s),
    }
    return [replace(model, family=FAMILY, version=name, before_answer=fault) for name, fault in faults.items()]


def _be_busy(_: bytes) -> None:
    raise busy(retry_after_s=_BUSY_FOR_S)


def _drop(_: bytes) -> None:
    raise ConnectionDropped


class _Flaky:
    """Fails the first times that it sees an image, then works for that image for good."""

    def __init__(self) -> None:
        self._seen: Counter[bytes] = Counter()
        self._lock = threading.Lock()

    def __call__(self, image_bytes: bytes) -> None:
        key = sha256(image_bytes).digest()
        with self._lock:
            self._seen[key] += 1
            seen = self._seen[key]
        if seen <= _FAILURES_PER_IMAGE:
            raise unavailable(f"This version fails {_FAILURES_PER_IMAGE} times for each image; this is time {seen}.")
