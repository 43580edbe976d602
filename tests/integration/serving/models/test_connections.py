"""Closing the connection of one client."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from lib.serving.models.fault_models import drop_connection


@pytest.fixture
def callers() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Two connections to a server of this process that has IPv4 callers on an IPv6 socket, as gRPC's has."""
    with socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True) as server:
        address = ("127.0.0.1", server.getsockname()[1])
        with socket.create_connection(address) as first, socket.create_connection(address) as second:
            ends = [server.accept()[0], server.accept()[0]]
            yield first, second
            for end in ends:
                end.close()


def peer_of(caller: socket.socket) -> str:
    host, port = caller.getsockname()
    return f"ipv4:{host}:{port}"


def test_the_client_sees_its_connection_close(callers: tuple[socket.socket, socket.socket]) -> None:
    first, _ = callers
    first.settimeout(30)

    drop_connection(peer_of(first), "127.0.0.1:0")

    assert first.recv(1) == b""


def test_the_connection_of_another_client_stays_open(callers: tuple[socket.socket, socket.socket]) -> None:
    first, second = callers
    second.setblocking(False)

    drop_connection(peer_of(first), "127.0.0.1:0")

    with pytest.raises(BlockingIOError):
        second.recv(1)


@pytest.mark.parametrize("peer", ["ipv4:127.0.0.1:1", "ipv6:[::1]:1", "ipv6:%5B::1%5D:1"])
def test_closing_an_unknown_connection_is_not_an_error(peer: str) -> None:
    drop_connection(peer, "127.0.0.1:0")


def test_only_connections_of_the_given_unix_socket_are_closed(tmp_path: Path) -> None:
    pairs = []
    for name in ("first", "second"):
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(tmp_path / name))
            server.listen()
            caller = socket.socket(socket.AF_UNIX)
            caller.connect(str(tmp_path / name))
            pairs.append((caller, server.accept()[0]))
    (first, first_end), (second, second_end) = pairs
    first.settimeout(30)
    second.setblocking(False)

    drop_connection("unix:", str(tmp_path / "first"))

    assert first.recv(1) == b""
    with pytest.raises(BlockingIOError):
        second.recv(1)
    for end in (first, first_end, second, second_end):
        end.close()


def test_finding_a_connection_leaves_no_files_open() -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))

    drop_connection("ipv4:127.0.0.1:1", "127.0.0.1:0")

    assert len(list(Path("/proc/self/fd").iterdir())) == before
