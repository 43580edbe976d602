"""Breaking a caller's connection, which a gRPC server has no word for."""

import socket
from contextlib import suppress
from ipaddress import IPv6Address, ip_address
from pathlib import Path
from urllib.parse import unquote

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
