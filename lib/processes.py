"""Worker processes for work that a stranger's file may turn against its process: hang it, fill its memory, or kill it.

A worker is a Python module that ends in `run_worker(handler)`. It runs with its own memory limit, takes one call at a
time, and is replaced when it dies or overruns its time. Requests and replies are JSON, never pickles: a worker that a
file has taken over can return wrong values, but cannot run code here. Large payloads travel in shared memory.
"""

import json
import math
import mmap
import os
import resource
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

Json = dict[str, Any]
Handler = Callable[[Json, memoryview], tuple[Json, bytes]]
"""Answers a request and its payload with a reply and its payload. The view is valid until the handler returns."""

_ROOT = Path(__file__).parents[1]
_MOST_MESSAGE_BYTES = 16 << 20
# A worker's environment: no secrets of the app, and few memory arenas, as each counts fully against the limit.
_ENVIRONMENT = {"MALLOC_ARENA_MAX": "2", "OPENBLAS_NUM_THREADS": "1", "PYTHONUTF8": "1"}
# A worker whose app was killed in the middle of a call ends itself this much after the call's own time.
_ORPHAN_GRACE_S = 5
# A worker that a file has taken over may begin a message and never end it.
_REST_OF_MESSAGE_S = 2
# Above this size, the pages of a payload are returned to the system after the call.
_KEPT_PAYLOAD_BYTES = 4 << 20


class WorkerDied(Exception):
    """The worker ended in the middle of a call, or did not start."""


class WorkerTimedOut(Exception):
    """The worker did not reply in time, and was killed."""


@dataclass(frozen=True, slots=True)
class WorkerKind:
    """What a worker runs and what it may use. Equal kinds share workers.

    `module` is run as `python -m module *arguments`. `memory_bytes` bounds what it may allocate beyond its own code,
    `payload_bytes` the size of one payload, `call_s` the time of one call, and `start_s` the time until it is ready.
    """

    module: str
    arguments: tuple[str, ...] = ()
    memory_bytes: int = 512 << 20
    payload_bytes: int = 64 << 20
    call_s: float = 10.0
    start_s: float = 20.0


@dataclass(frozen=True, slots=True)
class Reply:
    """What a worker returned: a JSON object, and a payload that may be empty."""

    content: Json
    payload: bytes


@dataclass(eq=False, slots=True)
class _Slot:
    """A place in the pool: reserved from before its worker starts until after the worker has ended."""

    kind: WorkerKind
    worker: "Worker | None" = None
    idle_since_s: float = field(default_factory=lambda: math.inf)
    ends_after_call: bool = False


class WorkerPool:
    """Workers of several kinds, each started when it is first needed. Safe to share between threads.

    There are at most `most` workers in all and `most_per_kind` of a kind; a call that finds none free waits for one,
    or takes the place of an idle worker of another kind. A worker ends after `idle_s` without a call.
    """

    def __init__(self, most: int, most_per_kind: int | None = None, idle_s: float = 600.0) -> None:
        self._most = most
        self._most_per_kind = most_per_kind or most
        self._idle_s = idle_s
        self._slots: list[_Slot] = []
        self._changed = threading.Condition()
        self._reaper: threading.Thread | None = None

    def call(self, kind: WorkerKind, request: Json, payload: bytes | memoryview = b"") -> Reply:
        """Have a worker of this kind answer. Raises WorkerDied and WorkerTimedOut; the worker is then replaced."""
        with self._borrow(kind) as worker:
            return worker.call(request, payload)

    def describe(self, kind: WorkerKind) -> Json:
        """What a worker of this kind said of itself when it was ready. Raises WorkerDied and WorkerTimedOut."""
        with self._borrow(kind) as worker:
            return worker.hello

    def count(self) -> int:
        """How many workers there are now."""
        with self._changed:
            return len(self._slots)

    def end_kind(self, kind: WorkerKind) -> None:
        """End the idle workers of this kind; those that are busy stay."""
        self._end(lambda slot: slot.kind == kind)

    def close(self) -> None:
        """End all workers. Calls under way raise WorkerDied; a worker that is just starting ends after its call."""
        with self._changed:
            for slot in self._slots:
                slot.ends_after_call = True
                if slot.worker and slot.idle_since_s == math.inf:
                    slot.worker.kill()
        self._end(lambda _: True)

    @contextmanager
    def _borrow(self, kind: WorkerKind) -> Iterator["Worker"]:
        slot = self._reserve(kind)
        try:
            slot.worker = slot.worker or Worker(kind)
            yield slot.worker
        except BaseException:
            # Whatever went wrong in between, the worker may still be at it: it must not get the next call.
            self._remove(slot)
            raise
        with self._changed:
            slot.idle_since_s = time.monotonic()
            self._start_reaper()
            self._changed.notify_all()
        if slot.ends_after_call:
            self._end(lambda each: each is slot)

    def _reserve(self, kind: WorkerKind) -> _Slot:
        with self._changed:
            while (slot := self._find_free(kind)) is None:
                self._changed.wait()
            slot.idle_since_s = math.inf
            return slot

    def _find_free(self, kind: WorkerKind) -> _Slot | None:
        """An idle slot of this kind, the one used last first, or a new one; None where there is no room now."""
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

    def _end(self, is_meant: Callable[[_Slot], bool]) -> None:
        with self._changed:
            ended = [slot for slot in self._slots if slot.idle_since_s < math.inf and is_meant(slot)]
            self._slots = [slot for slot in self._slots if slot not in ended]
            self._changed.notify_all()
        for slot in ended:
            _end_worker(slot)

    def _start_reaper(self) -> None:
        if self._reaper is None:
            self._reaper = threading.Thread(target=self._reap, name="worker-reaper", daemon=True)
            self._reaper.start()

    def _reap(self) -> None:
        """End workers that were idle for too long, until there is none left."""
        while True:
            with self._changed:
                if not self._slots:
                    self._reaper = None
                    return
                oldest_s = min(slot.idle_since_s for slot in self._slots)
                left_s = oldest_s + self._idle_s - time.monotonic()
                if left_s > 0:
                    self._changed.wait(min(left_s, self._idle_s))
            self._end(lambda slot: slot.idle_since_s + self._idle_s <= time.monotonic())


def _end_worker(slot: _Slot) -> None:
    if slot.worker:
        slot.worker.end()


class Worker:
    """One worker process, ready when this returns. Not to be used by two threads at a time.

    Raises WorkerDied or WorkerTimedOut where it does not get ready. `hello` is what it said of itself.
    """

    def __init__(self, kind: WorkerKind) -> None:
        self._kind = kind
        self._buffer_file = _open_shared_file(kind.payload_bytes)
        self._buffer = mmap.mmap(self._buffer_file, kind.payload_bytes)
        ours, theirs = socket.socketpair()
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", _REST_OF_MESSAGE_S, 0))
        self._connection = Connection(ours.detach())
        with theirs:
            fds = (theirs.fileno(), self._buffer_file)
            terms = {"fds": fds, "memory_bytes": kind.memory_bytes, "payload_bytes": kind.payload_bytes}
            self._process = subprocess.Popen(  # noqa: S603 - a module of our own
                [sys.executable, "-m", kind.module, json.dumps(terms), *kind.arguments],
                cwd=_ROOT,
                env=_ENVIRONMENT,
                stdin=subprocess.DEVNULL,
                pass_fds=fds,
            )
        try:
            self.hello, _ = self._receive(kind.start_s)
        except BaseException:
            self.end()
            raise

    def call(self, request: Json, payload: bytes | memoryview) -> Reply:
        """The reply to a request. Raises WorkerDied and WorkerTimedOut, and ValueError for too large a payload."""
        size = len(payload)
        if size > self._kind.payload_bytes:
            raise ValueError(f"a payload of {size} bytes is larger than {self._kind.payload_bytes}")
        self._buffer[:size] = payload
        message = {"request": request, "size": size, "within_s": self._kind.call_s}
        try:
            self._connection.send_bytes(json.dumps(message).encode())
        except OSError as error:
            raise WorkerDied("the worker is gone") from error
        content, replied = self._receive(self._kind.call_s)
        reply = Reply(content, self._buffer[:replied])
        if max(size, replied) > _KEPT_PAYLOAD_BYTES and hasattr(mmap, "MADV_REMOVE"):
            self._buffer.madvise(mmap.MADV_REMOVE)
        return reply

    def kill(self) -> None:
        """Kill the process, from any thread: a call under way then raises WorkerDied."""
        self._process.kill()

    def end(self) -> None:
        """Kill the process, and give back what it used."""
        self._process.kill()
        self._process.wait()
        self._connection.close()
        self._buffer.close()
        os.close(self._buffer_file)

    def _receive(self, within_s: float) -> tuple[Json, int]:
        """The next message and the size of its payload."""
        try:
            if not self._connection.poll(within_s):
                raise WorkerTimedOut(f"the worker did not reply within {within_s:g} s")
            message = json.loads(self._connection.recv_bytes(_MOST_MESSAGE_BYTES))
            content, size = dict(message["content"]), int(message["size"])
        except (EOFError, OSError, ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
            raise WorkerDied("the worker ended without a reply that can be read") from error
        return content, max(0, min(size, self._kind.payload_bytes))


def _open_shared_file(size_bytes: int) -> int:
    """A file in memory, or else a temporary one, that takes up space only where something is written to it."""
    if hasattr(os, "memfd_create"):
        file = os.memfd_create("payload")
    else:
        with tempfile.TemporaryFile() as temporary:
            file = os.dup(temporary.fileno())
    os.ftruncate(file, size_bytes)
    return file


def run_worker(start: Callable[[list[str]], tuple[Handler, Mapping[str, Any]]]) -> None:
    """Be a worker: to be called at the end of its module, with what makes the handler out of the arguments.

    `start` also returns what the worker says of itself. It runs under the memory limit already. An error that the
    handler does not answer for ends the worker; its trace goes to the app's error output.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the app decides when its workers end
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    terms = json.loads(sys.argv[1])
    connection_file, buffer_file = terms["fds"]
    connection, buffer = Connection(connection_file), mmap.mmap(buffer_file, terms["payload_bytes"])
    limit_memory(terms["memory_bytes"])
    handle, hello = start(sys.argv[2:])
    connection.send_bytes(json.dumps({"content": hello, "size": 0}).encode())
    with suppress(EOFError, ConnectionError):  # the app is gone, or needs this worker no more
        while True:
            message = json.loads(connection.recv_bytes())
            # The system ends the process when this time is over, even where the app was killed meanwhile.
            signal.setitimer(signal.ITIMER_REAL, message["within_s"] + _ORPHAN_GRACE_S)
            with memoryview(buffer) as whole, whole[: message["size"]] as payload:
                content, reply = handle(message["request"], payload)
            buffer[: len(reply)] = reply
            signal.setitimer(signal.ITIMER_REAL, 0)
            connection.send_bytes(json.dumps({"content": content, "size": len(reply)}).encode())


def limit_memory(extra_bytes: int) -> None:
    """Let this process use at most so much more address space than it does now, where the system can tell."""
    with suppress(OSError):
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        limit = pages * resource.getpagesize() + extra_bytes
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
