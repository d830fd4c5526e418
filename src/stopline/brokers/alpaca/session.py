"""The session: the stream is held open for ever, and whatever was missed is asked for.

Whenever the stream comes up, and whenever something was missed while it was up, `repair` is
called until it succeeds. Reconnects wait longer and longer, with jitter; the first one does not.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from stopline.brokers.alpaca.client import Keys
from stopline.brokers.alpaca.timing import MACHINE
from stopline.brokers.alpaca.updates import Updates, open_updates
from stopline.dialects.alpaca.stream import TradeUpdate
from stopline.ports.broker import BrokerError
from stopline.ports.transport import NotSent, StreamLost, Transport

REPAIR_PAUSE_S: Final = 0.25
LONGEST_PAUSE_S: Final = 30.0
log = logging.getLogger(__name__)


class Session:
    """`on_up` and `on_down` are told of the stream; `hear` gets its updates."""

    def __init__(
        self,
        transport: Transport,
        url: str,
        keys: Keys,
        on_up: Callable[[], None],
        on_down: Callable[[str], None],
        hear: Callable[[TradeUpdate], None],
        repair: Callable[[], Awaitable[None]],
        uniform: Callable[[float, float], float] = MACHINE.uniform,
    ) -> None:
        self._transport, self._keys, self._uniform = transport, keys, uniform
        self._url = f"ws{url.rstrip('/').removeprefix('http')}/stream"
        self._on_up, self._on_down, self._hear, self._repair = on_up, on_down, hear, repair
        self._gap = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.first = asyncio.Event()
        """Set once the account was read for the first time, or could not be reached."""
        self.updates = 0
        """How many updates the stream has brought."""

    def start(self) -> None:
        """Begin to hold the stream open."""
        self._task = asyncio.get_running_loop().create_task(self._keep())

    def miss(self) -> None:
        """Note that something was missed: the account is read again."""
        self._gap.set()

    async def close(self) -> None:
        """Let go of the stream."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _keep(self) -> None:
        pause_s = 0.0
        while True:
            try:
                updates = await open_updates(self._transport, self._url, self._keys)
            except (NotSent, StreamLost, BrokerError, OSError) as error:
                self._down(str(error))
                pause_s = min(max(pause_s * 2, 0.1), LONGEST_PAUSE_S)
            else:
                pause_s = 0.0
                try:
                    self._down(await self._live(updates))
                finally:
                    await updates.close()
            await asyncio.sleep(pause_s * self._uniform(0.5, 1.0))

    def _down(self, reason: str) -> None:
        self._on_down(reason)
        self.first.set()

    async def _live(self, updates: Updates) -> str:
        """Listen until the stream is lost; return why."""
        self._on_up()
        self._gap.set()
        repairing = asyncio.get_running_loop().create_task(self._keep_whole())
        try:
            while True:
                update = await updates.next()
                if update is None:
                    self._gap.set()
                    continue
                self.updates += 1
                self._hear_safely(update)
        except StreamLost as lost:
            return str(lost)
        finally:
            repairing.cancel()
            await asyncio.gather(repairing, return_exceptions=True)

    def _hear_safely(self, update: TradeUpdate) -> None:
        """Hear an update; one that cannot be dealt with is a gap, and no reason to stop listening."""
        try:
            self._hear(update)
        except Exception:
            log.exception("an update of order %s could not be dealt with", update.order.id)
            self._gap.set()

    async def _keep_whole(self) -> None:
        pause_s = REPAIR_PAUSE_S
        while True:
            await self._gap.wait()
            self._gap.clear()
            try:
                await self._repair()
            except Exception as error:
                is_usual = isinstance(error, BrokerError)
                log.warning("Alpaca's account could not be read: %s", error, exc_info=None if is_usual else error)
                self._gap.set()
                pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
            else:
                self.first.set()
                pause_s = REPAIR_PAUSE_S
            await asyncio.sleep(pause_s)
