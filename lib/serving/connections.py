"""Breaking a caller's connection, which a gRPC server has no word for."""

import os
import socket
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote

_OPEN_FILES = Path("/proc/self/fd")


def break_connection(peer: str) -> None:
    """End this process's TCP connection with `peer`, as gRPC names it: `ipv4:127.0.0.1:5000` or `ipv6:[::1]:5000`.

    gRPC keeps its sockets to itself, so the one is sought among the open files (Linux, or macOS through /dev/fd).
    Nothing happens where there is none.
    """
    host, _, port = unquote(peer.partition(":")[2]).rpartition(":")
    address = (host.strip("[]"), int(port))
    for descriptor in _open_descriptors():
        with suppress(OSError):
            _shut_down(descriptor, address)


def _open_descriptors() -> list[int]:
    folder = _OPEN_FILES if _OPEN_FILES.exists() else Path("/dev/fd")
    return [int(entry.name) for entry in folder.iterdir()]


def _shut_down(descriptor: int, peer: tuple[str, int]) -> None:
    """Shut the connection down if it is with `peer`. Raises OSError where the descriptor is no connection."""
    with socket.socket(fileno=os.dup(descriptor)) as connection:
        if connection.getpeername()[:2] == peer:
            connection.shutdown(socket.SHUT_RDWR)
