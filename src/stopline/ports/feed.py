"""A feed: quotes into the inbox."""

from collections.abc import AsyncIterator
from typing import Protocol

from stopline.model.instrument import Instrument
from stopline.model.numbers import Nanos
from stopline.model.quote import Quote


class Feed(Protocol):
    """A source of quotes in time order. `name` says where they come from and is shown to people."""

    name: str
    is_recorded: bool
    """True when engine time is the file's time."""

    def instruments(self) -> tuple[Instrument, ...]:
        """Return the instruments it quotes, with contract terms where the source knows them."""

    def starts_at(self) -> Nanos | None:
        """Return the first quote's instant of a recorded feed, None of a live one."""

    def quotes(self) -> AsyncIterator[Quote]:
        """Yield quotes, paced by the feed itself; ends when a recorded source ends."""
