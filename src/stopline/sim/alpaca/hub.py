"""Who listens to `trade_updates`, and what the faults do to what they hear."""

import asyncio
from collections.abc import Callable
from typing import Final

from stopline.dialects.alpaca.stream import TRADE_UPDATES, TradeUpdate, render_server_frame
from stopline.sim.alpaca.faults import Faults, Kind

MAX_WAITING: Final = 10_000


class Listener:
    """One connection: what waits to be sent to it. `cut` ends it without a word."""

    def __init__(self, cut: Callable[[], object]) -> None:
        self.cut = cut
        self.streams: frozenset[str] = frozenset()
        self.is_authorized = False
        self.waiting: asyncio.Queue[bytes] = asyncio.Queue(MAX_WAITING)

    def offer(self, frame: bytes) -> None:
        """Queue a frame; one that never reads is cut."""
        try:
            self.waiting.put_nowait(frame)
        except asyncio.QueueFull:
            self.cut()


class Hub:
    """All connections. Nothing is kept for those who are away."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._listeners: set[Listener] = set()
        self._held: bytes | None = None
        self.events = 0

    def join(self, listener: Listener) -> None:
        """Let a connection hear what it asks for from now on."""
        self._listeners.add(listener)

    def leave(self, listener: Listener) -> None:
        """Forget a connection."""
        self._listeners.discard(listener)

    def __len__(self) -> int:
        return len(self._listeners)

    @property
    def listening(self) -> int:
        """How many connections have asked for trade updates."""
        return sum(TRADE_UPDATES in listener.streams for listener in self._listeners)

    def cut_all(self) -> int:
        """Cut every connection; return how many there were."""
        listeners = tuple(self._listeners)
        for listener in listeners:
            self.leave(listener)
            listener.cut()
        return len(listeners)

    def publish(self, update: TradeUpdate) -> None:
        """Tell an event to whoever listens, as the faults let it."""
        self.events += 1
        frame = render_server_frame(update)
        if self._faults.take(Kind.STREAM_DROP):
            self.cut_all()
            return
        if self._faults.take(Kind.LOST_EVENT):
            return
        late = self._faults.take(Kind.REORDER_EVENTS) if self._held is None else None
        if late is not None:
            self._held = frame
            asyncio.get_running_loop().call_later(late.ms / 1000, self._release)
            return
        self._send(frame)
        if self._faults.take(Kind.DUPLICATE_EVENT):
            self._send(frame)
        self._release()

    def _release(self) -> None:
        held, self._held = self._held, None
        if held is not None:
            self._send(held)

    def _send(self, frame: bytes) -> None:
        for listener in tuple(self._listeners):
            if TRADE_UPDATES in listener.streams:
                listener.offer(frame)
