"""Versions that fail on purpose, so that a client's handling of failures can be seen and tested."""

import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
from ipaddress import IPv6Address, ip_address
from pathlib import Path
from urllib.parse import unquote

from lib.serving.api_errors import busy, unavailable
from lib.serving.models.served_models import ServedModel

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


_OPEN_FILES = Path("/proc/self/fd")
# A host as number, and a port.
_Address = tuple[str, int]


def break_connection(peer: str, path: str) -> None:
    """End this process's connection with `peer`, as gRPC names it: `ipv4:127.0.0.1:5000`, `ipv6:[::1]:5000` or `unix:`.

    Callers of a Unix socket have no names: all connections of the one at `path` end. gRPC keeps its sockets to itself,
    so they are sought among the open files (Linux, or macOS through /dev/fd). Nothing happens where there is none.
    """
    kind, _, rest = unquote(peer).partition(":")
    host, _, port = rest.rpartition(":")
    address = path if kind == "unix" else _plain(host.strip("[]"), int(port))
    for descriptor in _open_descriptors():
        # Most open files are no connections.
        with suppress(OSError, ValueError):
            _shut_down(descriptor, address)


def _open_descriptors() -> list[int]:
    folder = _OPEN_FILES if _OPEN_FILES.exists() else Path("/dev/fd")
    return [int(entry.name) for entry in folder.iterdir()]


def _shut_down(descriptor: int, wanted: _Address | str) -> None:
    """Shut the connection down if it is with that peer, or of that Unix socket.

    Raises OSError or ValueError where there is no connection.
    """
    connection = socket.socket(fileno=descriptor)
    try:
        peer = connection.getpeername()
        if (connection.getsockname() if isinstance(peer, str) else _plain(*peer[:2])) == wanted:
            connection.shutdown(socket.SHUT_RDWR)
    finally:
        # The descriptor is gRPC's, and stays open.
        connection.detach()


def _plain(host: str, port: int) -> _Address:
    """An address in one spelling: a socket for both families has IPv4 callers as `::ffff:127.0.0.1`."""
    address = ip_address(host)
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address), port
