"""The desk: what stands behind a door. Behind Stopline's doors it is the gate, behind a simulator the bare exchange."""

from asyncio import Future
from collections.abc import Callable
from typing import Protocol, TypeVar

from stopline.messages.events import Event
from stopline.messages.inputs import Input
from stopline.messages.replies import Reply
from stopline.model.numbers import Nanos
from stopline.state.view import StateView

T = TypeVar("T")
Row = dict[str, object]
Subscriber = Callable[[int, Nanos, tuple[Event, ...]], None]
"""Called on the loop with (seq, at, events) of each record once it is durable."""


class DeskUnavailable(Exception):
    """The desk cannot decide now (store failing, shutting down). `reason` is said to the caller."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class Desk(Protocol):
    """Ask, look, listen."""

    async def ask(self, message: Input) -> Reply:
        """Hand an input to the single writer; returns when its record is durable. Raises DeskUnavailable."""

    def hand_in(self, message: Input) -> "Future[Reply]":
        """What `ask` does, for who has nothing else to do meanwhile and needs no task: its reply, when durable.

        Raises DeskUnavailable, at once or from the future.
        """

    async def look(self, view: Callable[[StateView, Nanos], T]) -> T:
        """Run `view` on the state after all that was asked before is durable; it must only read."""

    def peek(self, view: Callable[[StateView, Nanos], T]) -> T:
        """Run `view` on the state as it is now, applied but perhaps not yet durable (health, ticks)."""

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Hear every durable record; returns the unsubscribe."""

    def recorded(self, seq: int) -> tuple[Nanos, tuple[Event, ...]]:
        """Return the (at, events) of one durable record; raises KeyError."""

    async def rows(self, table: str, **filters: object) -> list[Row]:
        """Return rows of a projection, up to the caller's last write."""

    def health(self) -> dict[str, object]:
        """Return mode, lag, feed age, store state: the truth, for /health and /ready."""
