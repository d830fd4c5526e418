"""Who listens to `trade_updates`: each hears of its own account, once what is told is durable. Nothing is replayed."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable

from stopline.dialects.alpaca.serving.listener import Listener
from stopline.dialects.alpaca.stream import TradeUpdate, render_server_frame
from stopline.doors.alpaca.book import Book
from stopline.doors.alpaca.updates import Heard, heard_of, update_of
from stopline.messages.events import Event
from stopline.model.numbers import Nanos
from stopline.ports.desk import Desk, DeskUnavailable
from stopline.state.view import StateView

log = logging.getLogger(__name__)


class Hub:
    """All connections, and the door's memory, which hears of every record."""

    def __init__(self, desk: Desk, book: Book) -> None:
        self._desk, self._book = desk, book
        self._listeners: dict[Listener, None] = {}
        self._heard: deque[Heard] = deque()
        self._telling: asyncio.Task[None] | None = None
        self._unsubscribe: Callable[[], None] = _nothing

    def start(self) -> None:
        """Begin to remember."""
        self._desk.peek(lambda state, at: self._book.begin(state))
        self._unsubscribe = self._desk.subscribe(self._hear)

    async def stop(self) -> None:
        """Cut every connection and stop to listen."""
        self._unsubscribe()
        for listener in tuple(self._listeners):
            listener.cut()
        if self._telling is not None:
            self._telling.cancel()
            await asyncio.gather(self._telling, return_exceptions=True)

    @property
    def listening(self) -> int:
        """How many connections have asked for trade updates."""
        return sum(listener.is_listening for listener in self._listeners)

    def join(self, listener: Listener) -> None:
        """Let a connection hear what it asks for from now on."""
        self._listeners[listener] = None

    def leave(self, listener: Listener) -> None:
        """Forget a connection."""
        self._listeners.pop(listener, None)

    def _hear(self, seq: int, at: Nanos, events: tuple[Event, ...]) -> None:
        self._desk.peek(lambda state, now: self._take_in(seq, at, events, state))
        if self._heard and self._telling is None:
            self._telling = asyncio.get_running_loop().create_task(self._tell())
            self._telling.add_done_callback(self._told)

    def _take_in(self, seq: int, at: Nanos, events: tuple[Event, ...], state: StateView) -> None:
        wanted = {listener.account for listener in self._listeners if listener.is_listening}
        for event in events:
            if self._book.hear(seq, event, state) and wanted:
                self._heard.extend(each for each in heard_of(event, at, self._book, state) if each.account in wanted)

    async def _tell(self) -> None:
        """Tell what was heard, once the orders as they stand are durable."""
        while self._heard:
            heard, self._heard = self._heard, deque()

            def view(state: StateView, at: Nanos, told: deque[Heard] = heard) -> list[TradeUpdate | None]:
                return [update_of(each, state) for each in told]

            try:
                updates = await self._desk.look(view)
            except DeskUnavailable:
                updates = self._desk.peek(view)
            for each, update in zip(heard, updates, strict=True):
                if update is not None:
                    self._publish(each.account, render_server_frame(update))

    def _publish(self, account: str, frame: bytes) -> None:
        for listener in tuple(self._listeners):
            if listener.is_listening and listener.account == account:
                listener.offer(frame)

    def _told(self, task: asyncio.Task[None]) -> None:
        self._telling = None
        if not task.cancelled() and task.exception() is not None:
            log.error("the stream stumbled", exc_info=task.exception())


def _nothing() -> None:
    """Nothing is subscribed yet."""
