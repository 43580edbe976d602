"""Versions that fail on purpose, to test how clients handle failures."""

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

from lib.serving.api_errors import too_many_requests, unavailable
from lib.serving.error_boundary import ConnectionDropped
from lib.serving.models.served_models import ServedModel

FAMILY = "faults"
_FAILURES_PER_IMAGE = 2
_BUSY_FOR_S = 1.0


def fault_models(model: ServedModel, wait_s: float) -> list[ServedModel]:
    """Return the versions `slow` (by `wait_s`), `flaky`, `busy` and `dropped`, with the scores of `model`."""
    faults: dict[str, Callable[[bytes], None]] = {
        "busy": _be_busy,
        "dropped": _drop,
        "flaky": _Flaky(),
        "slow": lambda _: time.sleep(wait_s),
    }
    return [replace(model, family=FAMILY, version=name, before_answer=fault) for name, fault in faults.items()]


def _be_busy(_: bytes) -> None:
    raise too_many_requests(retry_after_s=_BUSY_FOR_S)


def _drop(_: bytes) -> None:
    raise ConnectionDropped


class _Flaky:
    """Fails the first two times for each image, then works."""

    def __init__(self) -> None:
        self._attempts: Counter[bytes] = Counter()
        self._lock = threading.Lock()

    def __call__(self, image_bytes: bytes) -> None:
        key = sha256(image_bytes).digest()
        with self._lock:
            self._attempts[key] += 1
            attempt = self._attempts[key]
        if attempt <= _FAILURES_PER_IMAGE:
            raise unavailable(
                f"This version fails {_FAILURES_PER_IMAGE} times for each image; this is attempt {attempt}."
            )


_OPEN_FILES = Path("/proc/self/fd")
# A numeric host and a port.
_Address = tuple[str, int]


def drop_connection(peer: str, path: str) -> None:
    """Shut down the connection to `peer`, in gRPC's notation: `ipv4:127.0.0.1:5000`, `ipv6:[::1]:5000` or `unix:`.

    Peers on a Unix socket have no names, so all connections of the socket at `path` are shut down. gRPC does not expose
    its sockets, so this function finds them among the open files (on Linux, and on macOS through /dev/fd).
    """
    kind, _, rest = unquote(peer).partition(":")
    host, _, port = rest.rpartition(":")
    address = path if kind == "unix" else _plain(host.strip("[]"), int(port))
    for descriptor in _open_descriptors():
        # Most open files are not connections.
        with suppress(OSError, ValueError):
            _shut_down(descriptor, address)


def _open_descriptors() -> list[int]:
    folder = _OPEN_FILES if _OPEN_FILES.exists() else Path("/dev/fd")
    return [int(entry.name) for entry in folder.iterdir()]


def _shut_down(descriptor: int, wanted: _Address | str) -> None:
    """Shut down the connection if it belongs to that peer or Unix socket.

    Raises OSError or ValueError if the file is not a connection.
    """
    connection = socket.socket(fileno=descriptor)
    try:
        peer = connection.getpeername()
        if (connection.getsockname() if isinstance(peer, str) else _plain(*peer[:2])) == wanted:
            connection.shutdown(socket.SHUT_RDWR)
    finally:
        # The descriptor belongs to gRPC, and stays open.
        connection.detach()


def _plain(host: str, port: int) -> _Address:
    """Return an address in its canonical form: dual-stack sockets show IPv4 peers as `::ffff:127.0.0.1`."""
    address = ip_address(host)
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address), port
