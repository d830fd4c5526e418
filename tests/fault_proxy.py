"""A TCP proxy on loopback that breaks connections when told to: HTTP and WebSocket alike pass through it.

    with FaultProxy(port) as proxy:
        proxy.fault(Fault.LOST_ANSWER)
        ...
        proxy.heal()

A fault holds for connections that are there and for new ones, until `heal`. It runs on an event loop and a thread of
its own, so that whoever is tested through it may block.

Source     reliability.md section 2.2 (PXY), F20, F21, F36.
"""

import asyncio
import threading
from asyncio import StreamReader, StreamWriter
from collections.abc import Coroutine
from contextlib import suppress
from enum import StrEnum
from types import TracebackType
from typing import Any, Self

HOST = "127.0.0.1"
CHUNK = 65536
PATIENCE_S = 60.0


class Fault(StrEnum):
    """What is done to what passes."""

    NONE = "none"
    DELAY = "delay"
    """Each piece waits for a while, in either direction."""
    DROP = "drop"
    """The connection is cut when something is sent: it does not arrive."""
    LOST_ANSWER = "lost_answer"
    """What is sent arrives; the connection is cut instead of the answer."""
    TRUNCATE = "truncate"
    """Of an answer the first few bytes come, then the connection is cut."""
    HALF_OPEN = "half_open"
    """What is sent arrives, nothing comes back, and nobody is told: the connection stands."""
    DUPLICATE = "duplicate"
    """What is sent arrives twice, over two connections; the second answer goes nowhere."""


class Cut(Exception):
    """The connection ends here."""


class FaultProxy:
    """Listens on `port` and passes everything on to a target on loopback."""

    def __init__(self, target: int, *, delay_s: float = 0.3, first_bytes: int = 20) -> None:
        self.port = 0
        self._target, self._delay_s, self._first_bytes = target, delay_s, first_bytes
        self._fault = Fault.NONE
        self.hits = 0
        """How many pieces a fault was done to."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fault proxy", daemon=True)
        self._server: asyncio.Server
        self._tasks: set[asyncio.Task[None]] = set()

    def __enter__(self) -> Self:
        self._thread.start()
        self._on_loop(self._open())
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._on_loop(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE_S)
        self._loop.close()

    def fault(self, fault: Fault) -> None:
        """From now on, do this."""
        self._fault = fault

    def heal(self) -> None:
        """Do nothing any more; connections on which something was held back are cut."""
        self._fault = Fault.NONE
        self._on_loop(self._cut_all())

    def _on_loop(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE_S)

    # --- on its loop ---------------------------------------------------------------------------

    async def _open(self) -> None:
        self._server = await asyncio.start_server(self._welcome, HOST, 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        self._server.close()
        await self._cut_all()

    async def _cut_all(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _welcome(self, reader: StreamReader, writer: StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        writers = [writer]
        try:
            there, target = await asyncio.open_connection(HOST, self._target)
            writers.append(target)
            await self._pass_on(reader, writer, there, target, writers)
        except (Cut, OSError, asyncio.CancelledError):
            pass  # the connection is over, which is all that its ends may know
        finally:
            self._tasks.discard(task)
            for each in writers:
                each.transport.abort()

    async def _pass_on(
        self,
        here: StreamReader,
        client: StreamWriter,
        there: StreamReader,
        target: StreamWriter,
        all_: list[StreamWriter],
    ) -> None:
        """Pass both directions on until one of them ends."""
        twin: list[StreamWriter] = []

        async def ask() -> None:
            while piece := await here.read(CHUNK):
                await self._ask(piece, target, twin, all_)

        async def answer() -> None:
            while piece := await there.read(CHUNK):
                await self._answer(piece, client)

        ways = [asyncio.ensure_future(ask()), asyncio.ensure_future(answer())]
        try:
            done, _ = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in done:
                way.result()
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _ask(
        self, piece: bytes, target: StreamWriter, twin: list[StreamWriter], all_: list[StreamWriter]
    ) -> None:
        fault = self._fault
        self.hits += fault is not Fault.NONE
        if fault is Fault.DROP:
            raise Cut
        if fault is Fault.DELAY:
            await asyncio.sleep(self._delay_s)
        if fault is Fault.DUPLICATE:
            if not twin:
                _, second = await asyncio.open_connection(HOST, self._target)
                twin.append(second)
                all_.append(second)
            twin[0].write(piece)
            await twin[0].drain()
        target.write(piece)
        await target.drain()

    async def _answer(self, piece: bytes, client: StreamWriter) -> None:
        fault = self._fault
        if fault is Fault.LOST_ANSWER:
            raise Cut
        if fault is Fault.TRUNCATE:
            client.write(piece[: self._first_bytes])
            with suppress(OSError):
                await client.drain()
            await asyncio.sleep(0.05)  # it arrives before the connection is cut
            raise Cut
        if fault is Fault.HALF_OPEN:
            return
        if fault is Fault.DELAY:
            await asyncio.sleep(self._delay_s)
        client.write(piece)
        await client.drain()
