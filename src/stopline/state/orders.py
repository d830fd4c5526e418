"""What the engine remembers of one order."""

from msgspec import Struct

from stopline.model.ids import ClientOrderId, RoutedOrderId
from stopline.model.numbers import Money, Nanos, Price, Qty
from stopline.model.order import LIVE, STOPLINE_HOLDS, Hold, Leg, OrderRequest, OrderState, OrderType


class Pending(Struct, frozen=True, gc=False, array_like=True):
    """The terms of a replace that is under way."""

    order_qty: Qty
    limit_price: Price | None
    stop_price: Price | None
    reserve_price: Price | None
    was_exit: bool = False
    """The order was an exit before this replace asked for more than the position."""
    epoch: int = 0
    """The process that asked for it."""


class OrderRecord(Struct, gc=False, array_like=True):
    """One order. order_qty = cum_qty + leaves_qty while it lives.

    `reserved_qty` and `reserved_money` are what it holds in the exposure sums right now;
    both are zero once it is dead. Money is at `reserve_price`, rounded against the trader.
    """

    request: OrderRequest
    routed_order_id: RoutedOrderId
    decision_id: str
    seq: int
    state: OrderState
    reducing: bool
    order_qty: Qty
    limit_price: Price | None
    stop_price: Price | None
    reserve_price: Price | None
    actor: str
    client: str
    approved_at: Nanos
    updated_at: Nanos
    cum_qty: Qty = 0
    filled_money: Money = 0
    """Sum of qty * price * multiplier of its fills, for the average price."""
    fees: Money = 0
    reserved_qty: Qty = 0
    reserved_money: Money = 0
    is_unvalued: bool = False
    """Holds quantity that nothing could value."""
    exit_qty: Qty = 0
    stop_qty: Qty = 0
    stop_money: Money = 0
    """What it adds to the position's exit and stop sums right now."""
    resting_price: Price | None = None
    """The limit price under which the position counts it as resting."""
    pending: Pending | None = None
    broker_order_id: str = ""
    reason: str = ""
    external: bool = False
    approved_epoch: int = 0
    hold: Hold | None = None
    """What it waits for, or last waited for, here; None for an order that went to the broker at once."""
    parent: ClientOrderId = ""
    """The order it is a leg of."""
    leg: Leg | None = None
    asked_qty: Qty = 0
    """What order_qty is to be where there is room for it: an exit may be at the broker with less."""
    base_qty: Qty = 0
    """cum_qty when it was released last: the broker counts from there."""
    sent_type: OrderType | None = None
    """As what it was released; None for an order that went as it was asked for."""
    is_resting: bool = False
    """Held, it goes to rest at the broker whenever there is room for it."""
    cancel_cause: str = ""
    """Why its end was asked for. It stands until the broker says no: lost track of meanwhile, it is asked for again."""
    is_recalled: bool = False
    """The cancel under way is not its end."""
    refused_at: Nanos = 0
    """When the broker last would not let go of it, change it or take it: it is left alone for a moment."""
    waiting_qty: Qty = 0
    """What of reserved_qty is not at the broker."""

    @property
    def leaves_qty(self) -> Qty:
        """What may still fill; 0 once it is dead."""
        return self.order_qty - self.cum_qty if self.state in LIVE else 0

    @property
    def is_live(self) -> bool:
        """Whether it may still fill."""
        return self.state in LIVE

    @property
    def is_at_broker(self) -> bool:
        """Whether the broker may have it."""
        return self.state in LIVE and self.state not in STOPLINE_HOLDS

    @property
    def broker_type(self) -> OrderType:
        """The type under which it is at the broker, or would go there."""
        return self.sent_type or self.request.order_type

    @property
    def client_order_id(self) -> ClientOrderId:
        """FIX 11."""
        return self.request.client_order_id


class DecidedId(Struct, frozen=True, gc=False, array_like=True):
    """A client_order_id that was decided: the body it came with, and where its decision stands."""

    request: OrderRequest
    symbol: str
    seq: int
