"""Who listens to `trade_updates`, and what the faults do to what they hear."""

import asyncio

from stopline.dialects.alpaca.serving.listener import Listener
from stopline.dialects.alpaca.stream import TradeUpdate, render_server_frame
from stopline.sim.alpaca.faults import Faults, Kind


class Hub:
    """All connections. Nothing is kept for those who are away."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._listeners: dict[Listener, None] = {}
        """In the order in which they came: what they hear in which order must not be left to chance."""
        self._held: bytes | None = None
        self.events = 0

    def join(self, listener: Listener) -> None:
        """Let a connection hear what it asks for from now on."""
        self._listeners[listener] = None

    def leave(self, listener: Listener) -> None:
        """Forget a connection."""
        self._listeners.pop(listener, None)

    def __len__(self) -> int:
        return len(self._listeners)

    @property
    def listening(self) -> int:
        """How many connections have asked for trade updates."""
        return sum(listener.is_listening for listener in self._listeners)

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
            if listener.is_listening:
                listener.offer(frame)
