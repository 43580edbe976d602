"""A pool of worker processes of several kinds, shared by threads."""

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from lib.processes.worker_process import Json, Reply, Worker, WorkerKind


@dataclass(eq=False, slots=True)
class _Slot:
    """A place in the pool, reserved from before its worker starts until after it has ended."""

    kind: WorkerKind
    worker: Worker | None = None
    idle_since_s: float = field(default_factory=lambda: math.inf)
    ends_after_call: bool = False


class WorkerPool:
    """Workers of several kinds, each started on demand. Thread-safe.

    There are at most `most` workers in all, and `most_per_kind` of a kind. A call that finds none free waits for one,
    or replaces an idle worker of another kind. A worker ends after `idle_s` without a call.
    """

    def __init__(self, most: int, most_per_kind: int | None = None, idle_s: float = 600.0) -> None:
        self._most = most
        self._most_per_kind = most_per_kind or most
        self._idle_s = idle_s
        self._slots: list[_Slot] = []
        self._changed = threading.Condition()
        self._reaper: threading.Thread | None = None

    def call(self, kind: WorkerKind, request: Json, payload: bytes | memoryview = b"") -> Reply:
        """Return the reply of a worker of this kind. After WorkerDied or WorkerTimedOut, the worker is replaced."""
        with self._borrow(kind) as worker:
            return worker.call(request, payload)

    def describe(self, kind: WorkerKind) -> Json:
        """Return the description that a worker of this kind sent when it started. Raises WorkerDied, WorkerTimedOut."""
        with self._borrow(kind) as worker:
            return worker.hello

    def count(self) -> int:
        """Return the number of workers now."""
        with self._changed:
            return len(self._slots)

    def end_kind(self, kind: WorkerKind) -> None:
        """End the idle workers of this kind; busy ones stay."""
        self._end(lambda slot: slot.kind == kind)

    def close(self) -> None:
        """End all workers. Calls in progress raise WorkerDied; a worker that is starting ends after its call."""
        with self._changed:
            for slot in self._slots:
                slot.ends_after_call = True
                if slot.worker and slot.idle_since_s == math.inf:
                    slot.worker.kill()
        self._end(lambda _: True)

    @contextmanager
    def _borrow(self, kind: WorkerKind) -> Iterator[Worker]:
        slot = self._reserve(kind)
        try:
            slot.worker = slot.worker or Worker(kind)
            yield slot.worker
        except BaseException:
            # Whatever failed, the worker may still be busy: it must not get the next call.
            self._remove(slot)
            raise
        with self._changed:
            slot.idle_since_s = time.monotonic()
            self._start_reaper()
            self._changed.notify_all()
        if slot.ends_after_call:
            self._end(lambda other: other is slot)

    def _reserve(self, kind: WorkerKind) -> _Slot:
        with self._changed:
            while (slot := self._find_free(kind)) is None:
                self._changed.wait()
            slot.idle_since_s = math.inf
            return slot

    def _find_free(self, kind: WorkerKind) -> _Slot | None:
        """Return the idle slot of this kind that was used last, or a new one; None if there is no room now."""
        idle = sorted(
            (slot for slot in self._slots if slot.idle_since_s < math.inf), key=lambda slot: slot.idle_since_s
        )
        own = [slot for slot in idle if slot.kind == kind]
        if own:
            return own[-1]
        if sum(slot.kind == kind for slot in self._slots) >= self._most_per_kind:
            return None
        if len(self._slots) >= self._most:
            if not idle:
                return None
            self._slots.remove(idle[0])
            _end_worker(idle[0])
        self._slots.append(_Slot(kind))
        return self._slots[-1]

    def _remove(self, slot: _Slot) -> None:
        with self._changed:
            self._slots.remove(slot)
            self._changed.notify_all()
        _end_worker(slot)

    def _end(self, is_chosen: Callable[[_Slot], bool]) -> None:
        with self._changed:
            ended = [slot for slot in self._slots if slot.idle_since_s < math.inf and is_chosen(slot)]
            self._slots = [slot for slot in self._slots if slot not in ended]
            self._changed.notify_all()
        for slot in ended:
            _end_worker(slot)

    def _start_reaper(self) -> None:
        if self._reaper is None:
            self._reaper = threading.Thread(target=self._reap, name="worker-reaper", daemon=True)
            self._reaper.start()

    def _reap(self) -> None:
        """End workers that were idle for too long, until none is left."""
        while True:
            with self._changed:
                if not self._slots:
                    self._reaper = None
                    return
                oldest_s = min(slot.idle_since_s for slot in self._slots)
                remaining_s = oldest_s + self._idle_s - time.monotonic()
                if remaining_s > 0:
                    self._changed.wait(min(remaining_s, self._idle_s))
            self._end(lambda slot: slot.idle_since_s + self._idle_s <= time.monotonic())


def _end_worker(slot: _Slot) -> None:
    if slot.worker:
        slot.worker.end()
