"""The desk behind Stopline's doors: the single writer, the tables and the truth about both."""

from asyncio import Future
from collections.abc import Callable
from typing import TypeVar

from stopline.messages.events import Event
from stopline.messages.inputs import Input
from stopline.messages.replies import Reply
from stopline.model.numbers import Nanos
from stopline.ports.desk import Desk, Row, Subscriber
from stopline.runtime.follow import Follower
from stopline.runtime.health import Health
from stopline.runtime.loop import Loop
from stopline.state.view import StateView

T = TypeVar("T")


class LiveDesk(Desk):
    """What doors may do: ask, look, listen. See `ports.desk.Desk`."""

    def __init__(self, loop: Loop, follower: Follower, health: Health) -> None:
        self._loop, self._follower, self._health = loop, follower, health

    async def ask(self, message: Input) -> Reply:
        """Hand an input to the single writer; returns when its record is durable. Raises DeskUnavailable."""
        return await self._loop.ask(message)

    def hand_in(self, message: Input) -> "Future[Reply]":
        """What `ask` does, without a task that waits for it."""
        return self._loop.hand_in(message)

    async def look(self, view: Callable[[StateView, Nanos], T]) -> T:
        """Run `view` on the state; returns after all that was asked before is durable."""
        return await self._loop.look(view)

    def peek(self, view: Callable[[StateView, Nanos], T]) -> T:
        """Run `view` on the state as it is now."""
        return self._loop.peek(view)

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Hear every durable record; returns the unsubscribe."""
        return self._loop.subscribe(subscriber)

    def recorded(self, seq: int) -> tuple[Nanos, tuple[Event, ...]]:
        """Return the (at, events) of one durable record; raises KeyError."""
        return self._loop.recorded(seq)

    async def rows(self, table: str, **filters: object) -> list[Row]:
        """Return rows of a projection, up to all that is durable now (so also the caller's last write)."""
        return await self._follower.rows(self._loop.durable_seq, table, **filters)

    def health(self) -> dict[str, object]:
        """Return the truth."""
        return self._health.report()
