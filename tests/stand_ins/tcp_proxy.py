"""A network that fails on command: a proxy in front of a server that passes, swallows or drops."""

import asyncio
from collections.abc import Coroutine
from threading import Thread
from types import TracebackType
from typing import Any, Self, TypeVar

_CHUNK = 1 << 16
_Result = TypeVar("_Result")


class TcpProxy:
    """Passes connections to a port of this machine, in a thread of its own. `delay_s` is added to every answer."""

    def __init__(self, target_port: int, delay_s: float = 0) -> None:
        self.port = 0
        self._target_port = target_port
        self._delay_s = delay_s
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, daemon=True)
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._passes: asyncio.Event | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        self.port = self._run(self._listen())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._run(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def swallow(self) -> None:
        """From now on, accept everything and pass nothing, on connections old and new."""
        self._run(self._swallow())

    def pass_again(self) -> None:
        """Pass what comes on new connections. What was swallowed stays lost, and its connections stay silent."""
        self._run(self._pass_again())

    def drop(self) -> None:
        """Close all connections."""
        self._run(self._drop())

    def _run(self, call: Coroutine[Any, Any, _Result]) -> _Result:
        return asyncio.run_coroutine_threadsafe(call, self._loop).result()

    async def _listen(self) -> int:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        await self._pass_again()
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def _stop(self) -> None:
        self._server.close()
        await self._drop()

    async def _swallow(self) -> None:
        self._passes = None

    async def _pass_again(self) -> None:
        self._passes = asyncio.Event()

    async def _drop(self) -> None:
        for writer in self._open:
            writer.transport.abort()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._open.clear()
        self._tasks.clear()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        generation = self._passes
        self._open.add(writer)
        if generation is None:
            return
        there, back = await asyncio.open_connection("127.0.0.1", self._target_port)
        self._open.add(back)
        for task in (self._pass(reader, back, generation, 0), self._pass(there, writer, generation, self._delay_s)):
            self._tasks.add(asyncio.create_task(task))

    async def _pass(
        self, source: asyncio.StreamReader, target: asyncio.StreamWriter, generation: asyncio.Event, delay_s: float
    ) -> None:
        while chunk := await source.read(_CHUNK):
            if self._passes is not generation:
                continue
            await asyncio.sleep(delay_s)
            target.write(chunk)
            await target.drain()
        target.close()
