"""An order as the exchange holds it."""

from typing import Final

from msgspec import Struct

from stopline.model.ids import AccountId, InstrumentId, RoutedOrderId
from stopline.model.numbers import Nanos, Price, Qty
from stopline.model.order import OrderType, Side, TimeInForce

STOPS: Final = frozenset({OrderType.STOP, OrderType.STOP_LIMIT})
IMMEDIATE: Final = frozenset({TimeInForce.IOC, TimeInForce.FOK})
EXPIRING: Final = frozenset({TimeInForce.DAY, TimeInForce.GTD})


class VenueOrder(Struct, gc=False, kw_only=True):
    """One client's order. `order_id` is unique at the exchange; `owner` is whose it is.

    `rank` is its place in time among orders of one price: smaller came first.
    `is_maker` says that it has rested behind a usable quote: from then on it trades at
    its own limit, before that at the quote it meets.
    """

    order_id: RoutedOrderId
    owner: AccountId
    instrument_id: InstrumentId
    side: Side
    order_type: OrderType
    time_in_force: TimeInForce
    order_qty: Qty
    limit_price: Price | None = None
    stop_price: Price | None = None
    expires_at: Nanos = 0
    """When a DAY or GTD order ends; 0 for the others."""
    cum_qty: Qty = 0
    rank: int = 0
    is_triggered: bool = False
    is_maker: bool = False

    @property
    def leaves_qty(self) -> Qty:
        """What is still to trade."""
        return self.order_qty - self.cum_qty

    @property
    def waits(self) -> bool:
        """Whether it is a stop that nothing has triggered yet."""
        return self.order_type in STOPS and not self.is_triggered

    def takes(self, price: Price) -> bool:
        """Return whether it would trade at the other side's `price`. Without a limit it takes any."""
        if self.limit_price is None:
            return True
        return self.limit_price >= price if self.side is Side.BUY else self.limit_price <= price
