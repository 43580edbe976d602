"""The port on which the server listens, opened as Streamlit opens it."""

import asyncio
import socket
from contextlib import closing

import uvicorn
from starlette.types import Receive, Scope, Send

from lib.web.streamlit_internals import send_at_once

_SET_WITHIN_S = 10


def test_the_server_sends_each_part_of_an_answer_at_once() -> None:
    with closing(socket.socket(family=socket.AF_INET)) as port:
        port.bind(("127.0.0.1", 0))
        port.listen()

        before = find_delay_is_off(port)
        asyncio.run(asyncio.wait_for(serve_until_set(port), _SET_WITHIN_S))

        assert (before, find_delay_is_off(port)) == (False, True)


def find_delay_is_off(port: socket.socket) -> bool:
    return port.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0


async def serve_until_set(port: socket.socket) -> None:
    """Run an application that sets the option when it starts, as the app does."""
    started: list[asyncio.Task[None]] = []

    async def application(_: Scope, receive: Receive, send: Send) -> None:
        await receive()
        started.append(asyncio.create_task(send_at_once()))
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})

    server = uvicorn.Server(uvicorn.Config(application, lifespan="on", log_config=None))
    serving = asyncio.create_task(server.serve(sockets=[port.dup()]))
    while not find_delay_is_off(port):
        await asyncio.sleep(0.01)
    server.should_exit = True
    await serving
    await started[0]
