"""People and bots, about orders."""

from typing import TypeAlias

from stopline.messages.inputs.base import BaseInput
from stopline.model.ids import AccountId, ClientOrderId
from stopline.model.numbers import Money, Nanos, Price, Qty, Ratio
from stopline.model.order import Condition, OrderClass, OrderType, Side, TimeInForce


class SubmitOrder(BaseInput, frozen=True, gc=False):
    """An order as a door understood it: grammar checked, the instrument still a symbol."""

    account: AccountId
    client_order_id: ClientOrderId
    symbol: str
    """A venue symbol or a canonical instrument id."""
    side: Side
    order_qty: Qty
    order_type: OrderType
    limit_price: Price | None = None
    stop_price: Price | None = None
    time_in_force: TimeInForce = TimeInForce.DAY
    expire_at: Nanos | None = None
    extended_hours: bool = False
    reduce_only: bool = False
    strategy: str = ""
    tags: str = ""
    currency: str = ""
    order_class: OrderClass = OrderClass.SIMPLE
    notional: Money | None = None
    trail_amount: Price | None = None
    trail_percent: Ratio | None = None
    take_profit: Price | None = None
    stop_loss: Price | None = None
    stop_loss_limit: Price | None = None
    oca_group: str = ""
    condition: Condition | None = None
    cancel_after: Nanos | None = None
    cancels_rest: bool = False
    partial_timeout: Nanos | None = None
    actor: str = "local"
    client: str = ""
    """Which connection or bot sent it (order_rate counts per client)."""


class CheckOrder(BaseInput, frozen=True, gc=False):
    """The decision that `order` would get, without sending or reserving: the reply is a Checked, no event."""

    order: SubmitOrder


class CancelOrder(BaseInput, frozen=True, gc=False):
    """Ask the broker to cancel one working order."""

    account: AccountId
    client_order_id: ClientOrderId
    actor: str = "local"


class ReplaceOrder(BaseInput, frozen=True, gc=False):
    """Change quantity or prices of a working order; None keeps what is."""

    account: AccountId
    client_order_id: ClientOrderId
    order_qty: Qty | None = None
    limit_price: Price | None = None
    stop_price: Price | None = None
    actor: str = "local"


class ResolveOrder(BaseInput, frozen=True, gc=False):
    """An admin states how an order of unknown outcome ended: `canceled`, `expired` or `rejected`."""

    account: AccountId
    client_order_id: ClientOrderId
    outcome: str
    reason: str
    actor: str = "local"


OrderInput: TypeAlias = SubmitOrder | CheckOrder | CancelOrder | ReplaceOrder | ResolveOrder
