"""The desk in memory: a World behind the Desk protocol, with every record durable at once.

What brokers and clocks bring goes into `desk.world`; `desk.publish()` then tells it to
whoever listens. Where tables are asked for, they are the real ones, in a file.
"""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from stopline.messages.events import Event
from stopline.messages.inputs import Input
from stopline.messages.replies import Done, Reply
from stopline.messages.upcast import decode_events
from stopline.model.numbers import Nanos
from stopline.ports.desk import Desk, DeskUnavailable, Row, Subscriber
from stopline.state.view import StateView
from stopline.stores.sqlite.projections import SqliteProjections
from tests.build import World

T = TypeVar("T")


class TwinDesk(Desk):
    """Steps at once. `failing` makes it refuse, as a full disk would; `asked` is what came in."""

    def __init__(self, world: World, projections: SqliteProjections | None = None) -> None:
        self.world, self.projections = world, projections
        self.failing: DeskUnavailable | None = None
        self.asked: list[Input] = []
        self.report: dict[str, object] = {"status": "ok", "mode": "normal", "ready": True}
        self.subscribers: list[Subscriber] = []
        self._told = self._tabled = 0
        self.publish()

    def publish(self) -> None:
        """Tell every record that nobody has heard of yet."""
        records = self.world.records[self._told :]
        self._told = len(self.world.records)
        for record in records:
            for subscriber in tuple(self.subscribers):
                subscriber(record.seq, record.at, decode_events(record.body))

    async def ask(self, message: Input) -> Reply:
        self.asked.append(message)
        await asyncio.sleep(0)
        if self.failing is not None:
            raise self.failing
        reply = self.world.step(message)
        self.publish()
        return Done() if reply is None else reply

    def hand_in(self, message: Input) -> "asyncio.Future[Reply]":
        return asyncio.ensure_future(self.ask(message))

    async def look(self, view: Callable[[StateView, Nanos], T]) -> T:
        await asyncio.sleep(0)
        if self.failing is not None:
            raise self.failing
        return view(self.world.state, self.world.at)

    def peek(self, view: Callable[[StateView, Nanos], T]) -> T:
        return view(self.world.state, self.world.at)

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        self.subscribers.append(subscriber)
        return lambda: self.subscribers.remove(subscriber)

    def recorded(self, seq: int) -> tuple[Nanos, tuple[Event, ...]]:
        if not 0 < seq <= len(self.world.records):
            raise KeyError(seq)
        record = self.world.records[seq - 1]
        return record.at, decode_events(record.body)

    async def rows(self, table: str, **filters: object) -> list[Row]:
        if self.projections is None:
            raise DeskUnavailable("projections_failed", "this desk has no tables")
        fresh = [(each.seq, each.at, decode_events(each.body)) for each in self.world.records[self._tabled :]]
        self._tabled = len(self.world.records)
        self.projections.apply(fresh)
        return self.projections.rows(table, **filters)

    def health(self) -> dict[str, object]:
        return self.report | {"at": self.world.at}
