"""A worker process from the app's side."""

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
# No secrets of the app, and few memory arenas, as each counts in full toward the memory limit.
_ENVIRONMENT = {"MALLOC_ARENA_MAX": "2", "OPENBLAS_NUM_THREADS": "1", "PYTHONUTF8": "1"}
# A worker that a file has taken over may start a message and never finish it.
_REST_OF_MESSAGE_S = 2
# Above this size, the pages of a payload are returned to the system after the call.
_KEPT_PAYLOAD_BYTES = 4 << 20


class WorkerDied(Exception):
    """The worker ended during a call, or did not start."""


class WorkerTimedOut(Exception):
    """The worker did not reply in time, and was killed."""


@dataclass(frozen=True, slots=True)
class WorkerKind:
    """What a worker runs, and its limits. Equal kinds share workers.

    It runs `python -m module *arguments`. `memory_bytes` limits its allocations beyond its own code, `payload_bytes`
    the size of a payload, `call_s` the time of a call, and `start_s` the time until it is ready.
    """

    module: str
    arguments: tuple[str, ...] = ()
    memory_bytes: int = 512 << 20
    payload_bytes: int = 64 << 20
    call_s: float = 10.0
    start_s: float = 20.0


@dataclass(frozen=True, slots=True)
class Reply:
    """A worker's reply: a JSON object and a payload, which may be empty."""

    content: Json
    payload: bytes


class Worker:
    """A worker process, ready once this returns. Not thread-safe. `hello` is the description that it sent.

    Raises WorkerDied or WorkerTimedOut if it does not get ready.
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
        """Return the reply to a request. Raises WorkerDied, WorkerTimedOut, and ValueError for too large a payload."""
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
        """Kill the process from any thread. A call in progress then raises WorkerDied."""
        self._process.kill()

    def end(self) -> None:
        """Kill the process and release its resources."""
        self._process.kill()
        self._process.wait()
        self._connection.close()
        self._buffer.close()
        os.close(self._buffer_file)

    def _receive(self, within_s: float) -> tuple[Json, int]:
        """Return the next message and the size of its payload."""
        try:
            if not self._connection.poll(within_s):
                raise WorkerTimedOut(f"the worker did not reply within {within_s:g} s")
            message = json.loads(self._connection.recv_bytes(_MOST_MESSAGE_BYTES))
            content, size = dict(message["content"]), int(message["size"])
        except (EOFError, OSError, ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
            raise WorkerDied("the worker ended without a valid reply") from error
        return content, max(0, min(size, self._kind.payload_bytes))


def _open_shared_file(size_bytes: int) -> int:
    """Return the descriptor of a file in memory, or else a temporary one, which uses space only as it is written."""
    if not hasattr(os, "memfd_create"):
        with tempfile.TemporaryFile() as temporary:
            file = os.dup(temporary.fileno())
        os.ftruncate(file, size_bytes)
        return file
    file = os.memfd_create("payload", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.ftruncate(file, size_bytes)
    # If a worker could truncate the file, reading the rest would crash the app.
    fcntl.fcntl(file, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL)
    return file
