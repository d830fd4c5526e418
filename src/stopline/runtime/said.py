"""What one step said, on its way to the disk and from there to the world."""

from asyncio import Future
from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from stopline.messages.effects import Effect, PlaceOrder, ReplaceAtBroker
from stopline.messages.events import Event
from stopline.messages.replies import Reply
from stopline.ports.journal import Record


class Said(Struct, gc=False):
    """What one step said, waiting for its record; `record` None waits for those in front of it."""

    record: Record | None
    events: tuple[Event, ...] = ()
    effects: tuple[Effect, ...] = ()
    reply: Reply | Any = None
    answer: "Future[Any] | None" = None
    is_late: bool = False
    """Its caller was told that nothing happened, or it came when no new risk may be taken: no order of it is sent."""


def records_of(all_said: Iterable[Said]) -> list[Record]:
    """Return the records that were said, in order."""
    return [said.record for said in all_said if said.record is not None]


def adds_risk(said: Said) -> bool:
    """Whether an order would go out that does not provably reduce (a cancel never adds risk)."""
    for effect in said.effects:
        if isinstance(effect, ReplaceAtBroker) or (isinstance(effect, PlaceOrder) and not effect.order.reducing):
            return True
    return False
