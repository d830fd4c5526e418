"""One stream, many listeners: numbers every message and keeps a stretch of them for who comes back.

While nobody listens, nothing is made. A listener that was away too long is told so (GAP)
and begins again with a snapshot.

Source     api.md (WebSocket); architecture.md promise 2; reliability.md F36, I20.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Final

from msgspec import Struct

from stopline.doors.native.context import health_body, see
from stopline.doors.native.errors import encode
from stopline.doors.native.listener import Listener, Message
from stopline.doors.native.told import Stale, Told, events_told, states_told, touch
from stopline.messages.events import Event
from stopline.model.numbers import SECOND, Nanos
from stopline.ports.desk import Desk
from stopline.state.view import StateView
from stopline.views.risk import daily_pnl

MAX_KEPT: Final = 10_000
MAX_KEPT_BYTES: Final = 8 * 1024 * 1024
SEQ_PER_EPOCH: Final = 10**10
"""Numbers start at the epoch times this, so that one of an earlier process is never taken for one of this."""
TICK_S: Final = 1.0
HEALTH_EVERY_TICKS: Final = 5
STANDING: Final = ("status", "mode", "ready", "store", "spool")
"""What of /health is told as soon as it changes."""
LINGER_S: Final = 120.0
"""How long messages are still made and kept after the last listener left."""
log = logging.getLogger(__name__)


class Envelope(Struct):
    """What every message looks like; `timestamp` is in Unix seconds of engine time."""

    type: str
    data: Any
    timestamp: int
    account: str
    seq: int


class Hub:
    """The stream of one door."""

    def __init__(self, desk: Desk, *, tick_s: float = TICK_S, linger_s: float = LINGER_S) -> None:
        self._desk = desk
        self._tick_s, self._linger_s = tick_s, linger_s
        self._listeners: dict[Listener, None] = {}
        self._kept: deque[Message] = deque()
        self._kept_bytes = 0
        self._stale = Stale()
        self._tasks: set[asyncio.Task[None]] = set()
        self._standing: dict[str, Any] = {}
        self._is_refreshing = False
        self._is_telling_pnl = False
        self._unsubscribe: Callable[[], None] | None = None
        self._dozing: asyncio.TimerHandle | None = None
        self.last_seq = 0
        self.floor = 0
        """The lowest number that a listener can come back with."""

    def start(self) -> None:
        """Begin to count; the stream itself starts with its first listener."""
        self.last_seq = self.floor = self._desk.peek(lambda state, at: state.epoch) * SEQ_PER_EPOCH
        self._spawn(self._tick())

    async def stop(self) -> None:
        """End all that runs."""
        self._sleep()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # --- listeners ---------------------------------------------------------------------------

    def join(self, listener: Listener) -> None:
        """Add a listener; it is held until its caller releases it."""
        if self._dozing is not None:
            self._dozing.cancel()
            self._dozing = None
        if self._unsubscribe is None:
            self._unsubscribe = self._desk.subscribe(self._hear)
        self._listeners[listener] = None

    def leave(self, listener: Listener) -> None:
        """Remove a listener; the stream goes on for a while, so that it can come back."""
        self._listeners.pop(listener, None)
        if not self._listeners and self._unsubscribe is not None and self._dozing is None:
            self._dozing = asyncio.get_running_loop().call_later(self._linger_s, self._sleep)

    def kept_since(self, seq: int) -> list[Message] | None:
        """Return what came after `seq`, or None if that is not (or no longer) known."""
        if not self.floor <= seq <= self.last_seq:
            return None
        return [message for message in self._kept if message.seq > seq]

    def _sleep(self) -> None:
        """Nobody listens: make nothing. What happens from here on is a gap."""
        if self._dozing is not None:
            self._dozing.cancel()
            self._dozing = None
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None
        self._kept.clear()
        self._kept_bytes = 0
        self.last_seq += 1
        self.floor = self.last_seq

    # --- messages ----------------------------------------------------------------------------

    def _publish(self, told: Told, record: int, at: Nanos, *, keep: bool = True) -> None:
        self.last_seq += 1
        text = encode(Envelope(told.type, told.data, at // SECOND, told.account, self.last_seq)).decode()
        message = Message(self.last_seq, record, told.account, told.key, text)
        if keep:
            self._keep(message)
        for listener in self._listeners:
            listener.offer(message)

    def _keep(self, message: Message) -> None:
        self._kept.append(message)
        self._kept_bytes += len(message.text)
        while len(self._kept) > MAX_KEPT or self._kept_bytes > MAX_KEPT_BYTES:
            dropped = self._kept.popleft()
            self._kept_bytes -= len(dropped.text)
            self.floor = dropped.seq

    def _hear(self, record: int, at: Nanos, events: tuple[Event, ...]) -> None:
        """Tell a durable record: its events at once, the states it touched as soon as they are durable."""

        def tell(state: StateView, now: Nanos) -> None:
            for event in events:
                for told in events_told(event, at, state):
                    self._publish(told, record, at)
                touch(self._stale, event, state)

        self._desk.peek(tell)
        if self._stale and not self._is_refreshing:
            self._is_refreshing = True
            self._spawn(self._refresh())

    async def _refresh(self) -> None:
        """Tell touched states as they stand once everything in them is durable."""
        try:
            while self._stale:
                stale, self._stale = self._stale, Stale()
                await self._tell_states(partial(states_told, stale))
        finally:
            self._is_refreshing = False

    async def _tell_states(self, view: Callable[[StateView], Iterable[Told]], *, keep: bool = True) -> None:
        record, at, told = await see(self._desk, lambda state, at: (state.seq, at, list(view(state))))
        for each in told:
            self._publish(each, record, at, keep=keep)

    # --- what comes by the clock ---------------------------------------------------------------

    async def _tick(self) -> None:
        ticks = 0
        while True:
            await asyncio.sleep(self._tick_s)
            if not self._listeners:
                continue
            try:
                self._tell_health(is_due=ticks % HEALTH_EVERY_TICKS == 0)
            except Exception:
                log.exception("a tick of the stream stumbled")
            if not self._is_telling_pnl:
                self._is_telling_pnl = True
                self._spawn(self._tell_pnl())
            ticks += 1

    async def _tell_pnl(self) -> None:
        """Tell the day's P&L behind what the disk has; where that hangs, the clock goes on without it."""
        try:
            await self._tell_states(self._pnl_updates, keep=False)
        finally:
            self._is_telling_pnl = False

    def _tell_health(self, is_due: bool) -> None:
        """Tell what /health says, when it is due or no longer what it was: as it is, for the disk may take nothing."""
        body = health_body(self._desk)
        standing = {name: body.get(name) for name in STANDING}
        if is_due or standing != self._standing:
            self._standing = standing
            record, at = self._desk.peek(lambda state, at: (state.seq, at))
            self._publish(Told("HEALTH", "", body, "HEALTH"), record, at, keep=False)

    def _pnl_updates(self, state: StateView) -> Iterable[Told]:
        wanted = {listener.account for listener in self._listeners}
        for name, account in state.accounts.items():
            if name in wanted or "" in wanted:
                yield Told("PNL_UPDATE", name, daily_pnl(account, state), f"PNL_UPDATE {name}")

    def _spawn(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("the stream stumbled", exc_info=task.exception())
