"""The main loop of a worker process."""

import json
import mmap
import resource
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from lib.processes.worker_process import Json

Handler = Callable[[Json, memoryview], tuple[Json, bytes]]
"""Returns a reply and its payload for a request and its payload. The view is valid until the handler returns."""

# A worker whose app was killed during a call ends this long after the call's time limit.
_ORPHAN_GRACE_S = 5


def run_worker(start: Callable[[list[str]], tuple[Handler, Mapping[str, Any]]]) -> None:
    """Run as a worker. To be called at the end of a worker's module.

    `start` receives the arguments and returns the handler and the worker's description; it already runs under the
    memory limit. An error that the handler does not catch ends the worker, with a traceback in the app's error output.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the app decides when its workers end
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    terms = json.loads(sys.argv[1])
    connection_file, buffer_file = terms["fds"]
    connection, buffer = Connection(connection_file), mmap.mmap(buffer_file, terms["payload_bytes"])
    limit_memory(terms["memory_bytes"])
    handle, hello = start(sys.argv[2:])
    connection.send_bytes(json.dumps({"content": hello, "size": 0}).encode())
    with suppress(EOFError, ConnectionError):  # the app ended, or ends this worker
        while True:
            message = json.loads(connection.recv_bytes())
            # The system ends the process after this time, even if the app was killed.
            signal.setitimer(signal.ITIMER_REAL, message["within_s"] + _ORPHAN_GRACE_S)
            with memoryview(buffer) as whole, whole[: message["size"]] as payload:
                content, reply = handle(message["request"], payload)
            buffer[: len(reply)] = reply
            signal.setitimer(signal.ITIMER_REAL, 0)
            connection.send_bytes(json.dumps({"content": content, "size": len(reply)}).encode())


def limit_memory(extra_bytes: int) -> None:
    """Limit the address space of this process to its present size plus `extra_bytes`, if the system supports it."""
    with suppress(OSError):
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        limit = pages * resource.getpagesize() + extra_bytes
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
