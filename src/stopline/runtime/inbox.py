"""The loop's inbox: what waits to be stepped, and in which order.

Kill switches and breakers overtake everything. Orders, cancels and broker reports keep
their order of arrival. Quotes come after them, the newest per instrument taking the
place of the one before it, but one in eight turns is theirs, so that a flood of orders
is not judged on old prices. A recorded market keeps every quote, in order: it must
give the same answers every time.

Source     reliability.md F37, I20.
"""

from asyncio import Future
from collections import deque
from typing import Any, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from stopline.messages.inputs import Input, Kill, QuoteReceived, TripBreaker
from stopline.model.ids import InstrumentId

URGENT: frozenset[type] = frozenset({Kill, TripBreaker})
QUOTE_TURN = 8


class Look(Struct, frozen=True, gc=False):
    """A question to the state, in line with the inputs."""

    view: Any
    """A callable of (state, at)."""


Entry: TypeAlias = tuple[Input | Look, "Future[Any] | None"]


class Inbox:
    """Four lanes in front of the single writer. Nothing here decides what is admitted."""

    def __init__(self, conflate: bool = True) -> None:
        self._conflate = conflate
        self._urgent: deque[Entry] = deque()
        self._main: deque[Entry] = deque()
        self._prints: deque[QuoteReceived] = deque()
        self._quotes: dict[InstrumentId, QuoteReceived] = {}
        self._turn = 0
        self.quotes_conflated = 0

    def __len__(self) -> int:
        return len(self._urgent) + len(self._main) + len(self._prints) + len(self._quotes)

    def put(self, message: Input | Look, answer: "Future[Any] | None") -> None:
        """Add what must not be lost."""
        kind = type(message)
        if kind in URGENT:
            self._urgent.append((message, answer))
        elif isinstance(message, QuoteReceived) and self._conflate:
            self._put_quote(message)
        else:
            self._main.append((message, answer))

    def _put_quote(self, message: QuoteReceived) -> None:
        """Let the newest quote of an instrument stand for those before it, but lose no trade print."""
        quote = message.quote
        waiting = self._quotes.get(quote.instrument_id)
        if waiting is not None:
            older = waiting.quote
            if older.last_price is not None and quote.last_price is None:
                quote = replace(quote, last_price=older.last_price, last_size=older.last_size)
                message = QuoteReceived(quote=quote)
            elif older.last_price is not None:
                self._prints.append(waiting)
            self.quotes_conflated += 1
        self._quotes[quote.instrument_id] = message

    def take(self) -> Entry | None:
        """Return the next entry, or None."""
        if self._urgent:
            return self._urgent.popleft()
        self._turn += 1
        if self._main and (self._turn % QUOTE_TURN or not (self._quotes or self._prints)):
            return self._main.popleft()
        if self._prints:
            return self._prints.popleft(), None
        if self._quotes:
            return self._quotes.pop(next(iter(self._quotes))), None
        return self._main.popleft() if self._main else None

    def drain(self) -> list[Entry]:
        """Take everything out, in order."""
        entries = []
        while (entry := self.take()) is not None:
            entries.append(entry)
        return entries
