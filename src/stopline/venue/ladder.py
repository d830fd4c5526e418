"""Orders in priority: the best price first, and of one price the one that came first."""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator

from stopline.model.numbers import Price
from stopline.model.order import Side
from stopline.venue.orders import VenueOrder

Entry = tuple[int, int, VenueOrder]
_ANY_PRICE = -(1 << 80)
"""Before every price: an order without a limit."""


class Ladder:
    """Orders sorted by (key, rank). `key` makes the best price the smallest."""

    def __init__(self, key: Callable[[VenueOrder], int]) -> None:
        self._key = key
        self._entries: list[Entry] = []

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[VenueOrder]:
        return (order for _, _, order in self._entries)

    def head(self) -> VenueOrder | None:
        """Return the order that goes first."""
        return self._entries[0][2] if self._entries else None

    def add(self, order: VenueOrder) -> None:
        """Put an order at its place. No two orders have one rank, so that orders are never compared."""
        insort(self._entries, (self._key(order), order.rank, order))

    def remove(self, order: VenueOrder) -> None:
        """Take an order out; it has not been changed since it was put in."""
        at = bisect_left(self._entries, (self._key(order), order.rank))
        if at == len(self._entries) or self._entries[at][2] is not order:
            raise LookupError(f"order {order.order_id!r} is not at its place in the book")
        del self._entries[at]


def resting(side: Side) -> Ladder:
    """Return a ladder of live orders: the highest buy first, the lowest sell first, no limit before any."""
    sign = -1 if side is Side.BUY else 1
    return Ladder(lambda order: _ANY_PRICE if order.limit_price is None else sign * order.limit_price)


def waiting(side: Side) -> Ladder:
    """Return a ladder of stops, the one that triggers first in front."""
    sign = 1 if side is Side.BUY else -1
    return Ladder(lambda order: sign * _stop_price(order))


def _stop_price(order: VenueOrder) -> Price:
    if order.stop_price is None:
        raise ValueError(f"stop order {order.order_id!r} has no stop price")
    return order.stop_price
