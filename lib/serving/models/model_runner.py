"""One version's model file, run in worker processes, with a word for each way in which that can fail."""

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
_DEATHS_IN_A_ROW = 3
# Scores are 32-bit floats: rounding may carry one a hair out of its range.
_HAIR = np.float32(1e-6)
# What SOFTMAX gives sums to 1. A quantized output rounds each score, by up to half of 1/255 or so: 192 real labels sum
# to 1.05. An honest model must never be refused, so the room is wide.
_ROOM = 0.5
_ROOM_PER_LABEL = 1 / 255


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds that a worker's start and one call may take."""

    start_s: float = _START_S
    call_s: float = CALL_S


USUAL_LIMITS = Limits()


def worker_kind(model_file: Path, limits: Limits = USUAL_LIMITS) -> WorkerKind:
    """The workers for a model file: what it is checked with, and what it is served with."""
    return WorkerKind(
        "lib.serving.models.interpreter_main",
        (str(model_file.absolute()),),
        memory_bytes=MOST_EXTRA_BYTES + model_file.stat().st_size,
        payload_bytes=MOST_PICTURE_BYTES,
        call_s=limits.call_s,
        start_s=limits.start_s,
    )


class ModelRunner:
    """Runs a version's network in at most one worker per core, each started when it is first needed.

    After three deaths in a row, a worker that overran its time among them, the version is out of service: `fault` then
    says why, and no worker is started for it until `reset`. Safe to share between threads.
    """

    def __init__(self, pool: WorkerPool, kind: WorkerKind, network: Network) -> None:
        self._pool = pool
        self._kind = kind
        self._network = network
        # A call that waits for its turn must learn, when it comes, that the version is out of service by then.
        self._turns = BoundedSemaphore(os.cpu_count() or 1)
        self._lock = Lock()
        self._deaths = 0
        self._fault = ""

    @property
    def fault(self) -> str:
        """Why the version is out of service; empty while it is not."""
        with self._lock:
            return self._fault

    def run(self, picture: NDArray[np.uint8]) -> NDArray[np.float32]:
        """The scores, shape (labels,), each in [0, 1], for raw RGB of shape (1, height, width, 3). Raises Refused."""
        with self._turns:
            fault = self.fault
            if fault:
                raise model_out_of_service(fault)
            reply = self._call(picture)
        return read_scores(reply, self._network)

    def reset(self) -> None:
        """Take the version into service again, as if no worker had died."""
        with self._lock:
            self._deaths, self._fault = 0, ""

    def _call(self, picture: NDArray[np.uint8]) -> Reply:
        try:
            reply = call_worker(self._pool, self._kind, picture)
        except WorkerDied as error:
            self._count_death("the model file ended its process")
            raise model_crashed() from error
        except WorkerTimedOut as error:
            self._count_death(f"the model did not answer within {self._kind.call_s:g} seconds")
            raise model_timed_out(self._kind.call_s) from error
        with self._lock:
            self._deaths = 0
        return reply

    def _count_death(self, cause: str) -> None:
        _log.warning("%s failed: %s", *self._kind.arguments, cause)
        with self._lock:
            self._deaths += 1
            if self._deaths >= _DEATHS_IN_A_ROW:
                self._fault = f"{cause}, and it failed {_DEATHS_IN_A_ROW} times in a row"


def call_worker(pool: WorkerPool, kind: WorkerKind, picture: NDArray[np.uint8], *, check: bool = False) -> Reply:
    """What a worker replies to a picture. Raises WorkerDied and WorkerTimedOut.

    For a `check` it looks behind a quantized output, too: rounding turns what is not a number into a score.
    """
    return pool.call(kind, {"check": check}, np.ascontiguousarray(picture).data.cast("B"))


def read_scores(reply: Reply, network: Network) -> NDArray[np.float32]:
    """The scores of a reply. Raises Refused where they are none: a model may have NaN among its weights."""
    if len(reply.payload) != 4 * network.label_count:
        raise invalid_scores(f"{len(reply.payload) // 4} scores for {network.label_count} labels")
    scores = np.frombuffer(reply.payload, np.float32)
    least, most = scores.min(), scores.max()
    if not (least >= -_HAIR and most <= 1 + _HAIR):  # this way round, it also finds what is not a number
        bad = next(value for value in scores.tolist() if not -_HAIR <= value <= 1 + _HAIR)
        raise invalid_scores(f"a score of {bad:g}")
    total = float(scores.sum())
    if not network.multi_label and abs(total - 1) > _ROOM + _ROOM_PER_LABEL * network.label_count:
        raise invalid_scores(f"scores that sum to {total:.3g} and not to 1")
    return scores if least >= 0 and most <= 1 else scores.clip(0, 1)
