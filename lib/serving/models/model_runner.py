"""Runs one version's model file in worker processes (`inference`), with an API error for each kind of failure."""

import logging
import os
from dataclasses import dataclass
from pathlib import Path
from threading import BoundedSemaphore, Lock

import numpy as np
from numpy.typing import NDArray

from lib.processes.worker_pool import WorkerPool
from lib.processes.worker_process import Reply, WorkerDied, WorkerKind, WorkerTimedOut
from lib.serving.api_errors import invalid_scores, model_crashed, model_out_of_service, model_timed_out
from lib.serving.models.networks import MOST_PICTURE_BYTES, Network

_log = logging.getLogger(__name__)
MOST_EXTRA_BYTES = 512 << 20
CALL_S = 10.0
_START_S = 10.0
_FAILURES_IN_A_ROW = 3
# Scores are 32-bit floats: rounding may push one slightly out of range.
_TOLERANCE = np.float32(1e-6)
# SOFTMAX outputs sum to 1. A quantized output rounds each score, by up to half of 1/255: those of 192 labels summed to
# 1.05. A valid model must never be rejected, so the tolerance is wide.
_SUM_TOLERANCE = 0.5
_SUM_TOLERANCE_PER_LABEL = 1 / 255


@dataclass(frozen=True, slots=True)
class Limits:
    """Time limits in seconds for starting a worker and for one call."""

    start_s: float = _START_S
    call_s: float = CALL_S


DEFAULT_LIMITS = Limits()


def worker_kind(model_file: Path, limits: Limits = DEFAULT_LIMITS) -> WorkerKind:
    """Return the kind of worker that checks and serves a model file."""
    return WorkerKind(
        "lib.serving.models.inference",
        (str(model_file.absolute()),),
        memory_bytes=MOST_EXTRA_BYTES + model_file.stat().st_size,
        payload_bytes=MOST_PICTURE_BYTES,
        call_s=limits.call_s,
        start_s=limits.start_s,
    )


class ModelRunner:
    """Runs a version's network in at most one worker per core. Workers start on demand. Thread-safe.

    After three crashes or timeouts in a row, the version is out of service: `fault` states why, and no worker starts
    until `reset`.
    """

    def __init__(self, pool: WorkerPool, kind: WorkerKind, network: Network) -> None:
        self._pool = pool
        self._kind = kind
        self._network = network
        # A call that waits for a slot must check again afterwards whether the version is still in service.
        self._slots = BoundedSemaphore(os.cpu_count() or 1)
        self._lock = Lock()
        self._failures = 0
        self._fault = ""

    @property
    def fault(self) -> str:
        """Why the version is out of service; empty while it is not."""
        with self._lock:
            return self._fault

    def run(self, picture: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return scores in [0, 1], shape (labels,), for raw RGB of shape (1, height, width, 3). Raises ApiError."""
        with self._slots:
            fault = self.fault
            if fault:
                raise model_out_of_service(fault)
            reply = self._call(picture)
        return read_scores(reply, self._network)

    def reset(self) -> None:
        """Put the version back into service."""
        with self._lock:
            self._failures, self._fault = 0, ""

    def _call(self, picture: NDArray[np.uint8]) -> Reply:
        try:
            reply = call_worker(self._pool, self._kind, picture)
        except WorkerDied as error:
            self._count_failure("the model file crashed its process")
            raise model_crashed() from error
        except WorkerTimedOut as error:
            self._count_failure(f"the model did not respond within {self._kind.call_s:g} seconds")
            raise model_timed_out(self._kind.call_s) from error
        with self._lock:
            self._failures = 0
        return reply

    def _count_failure(self, cause: str) -> None:
        _log.warning("%s failed: %s", *self._kind.arguments, cause)
        with self._lock:
            self._failures += 1
            if self._failures >= _FAILURES_IN_A_ROW:
                self._fault = f"{cause}, and it failed {_FAILURES_IN_A_ROW} times in a row"


def call_worker(pool: WorkerPool, kind: WorkerKind, picture: NDArray[np.uint8], *, check: bool = False) -> Reply:
    """Return a worker's reply to a picture. Raises WorkerDied and WorkerTimedOut.

    A `check` also examines the values behind a quantized output, where rounding turns NaN into a score.
    """
    return pool.call(kind, {"check": check}, np.ascontiguousarray(picture).data.cast("B"))


def read_scores(reply: Reply, network: Network) -> NDArray[np.float32]:
    """Return the scores of a reply. Raises ApiError for invalid ones: a model may have NaN among its weights."""
    if len(reply.payload) != 4 * network.label_count:
        raise invalid_scores(f"{len(reply.payload) // 4} scores for {network.label_count} labels")
    scores = np.frombuffer(reply.payload, np.float32)
    lowest, highest = scores.min(), scores.max()
    if not (lowest >= -_TOLERANCE and highest <= 1 + _TOLERANCE):  # true for NaN, too
        invalid = next(value for value in scores.tolist() if not -_TOLERANCE <= value <= 1 + _TOLERANCE)
        raise invalid_scores(f"a score of {invalid:g}")
    total = float(scores.sum())
    if not network.multi_label and abs(total - 1) > _SUM_TOLERANCE + _SUM_TOLERANCE_PER_LABEL * network.label_count:
        raise invalid_scores(f"scores that sum to {total:.3g} and not to 1")
    return scores if lowest >= 0 and highest <= 1 else scores.clip(0, 1)
