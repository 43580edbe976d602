"""Length limits of WebSocket messages."""

from collections.abc import Mapping

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from lib.domain.people import ANYBODY, Person
from lib.errors import NotSignedIn
from lib.web.socket_limits import MOST_BYTES, MOST_BYTES_BEFORE_SIGN_IN, SocketLimits


async def echo_length(socket: WebSocket) -> None:
    await socket.accept()
    async for message in socket.iter_bytes():
        await socket.send_text(str(len(message)))


def find_person(cookies: Mapping[str, str]) -> Person:
    """Knows those with a cookie."""
    if not cookies:
        raise NotSignedIn("Sign in first.")
    return ANYBODY


def make_client(*, is_known: bool) -> TestClient:
    app = Starlette(
        routes=[WebSocketRoute("/", echo_length)], middleware=[Middleware(SocketLimits, find_person=find_person)]
    )
    return TestClient(app, cookies={"signed": "in"} if is_known else {})


@pytest.mark.parametrize(("is_known", "most"), [(True, MOST_BYTES), (False, MOST_BYTES_BEFORE_SIGN_IN)])
def test_a_message_over_the_limit_closes_the_connection(is_known: bool, most: int) -> None:
    with make_client(is_known=is_known).websocket_connect("/") as socket:
        socket.send_bytes(bytes(most))
        assert socket.receive_text() == str(most)

        socket.send_bytes(bytes(most + 1))
        with pytest.raises(WebSocketDisconnect) as ended:
            socket.receive_text()

    assert ended.value.code == 1009


def test_the_limit_is_lower_before_sign_in() -> None:
    # The index of each row as a number and a comma: 10,000 x 6 characters at most.
    assert MOST_BYTES > 10_000 * 6 * 2 > MOST_BYTES_BEFORE_SIGN_IN
