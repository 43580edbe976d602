"""One worker process, as the app sees it."""

import fcntl
import json
import mmap
import os
import socket
import struct
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

Json = dict[str, Any]

_ROOT = Path(__file__).parents[2]
_MOST_MESSAGE_BYTES = 16 << 20
# A worker's environment: no secrets of the app, and few memory arenas, as each counts fully against the limit.
_ENVIRONMENT = {"MALLOC_ARENA_MAX": "2", "OPENBLAS_NUM_THREADS": "1", "PYTHONUTF8": "1"}
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
    if not hasattr(os, "memfd_create"):
        with tempfile.TemporaryFile() as temporary:
            file = os.dup(temporary.fileno())
        os.ftruncate(file, size_bytes)
        return file
    file = os.memfd_create("payload", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.ftruncate(file, size_bytes)
    # A worker that cuts the file short would have the app killed where it reads the rest.
    fcntl.fcntl(file, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL)
    return file
