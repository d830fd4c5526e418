"""What became of an order at its broker, and what was asked of it there."""

from typing import TypeAlias

from stopline.messages.events.base import BaseEvent
from stopline.model.ids import AccountId, ClientOrderId, RoutedOrderId
from stopline.model.numbers import Price, Qty
from stopline.model.order import OrderRequest


class OrderRouted(BaseEvent, frozen=True, gc=False):
    """The order was handed to the broker's connection."""

    account: AccountId
    client_order_id: ClientOrderId


class OrderWorking(BaseEvent, frozen=True, gc=False):
    """The broker acknowledged the order."""

    account: AccountId
    client_order_id: ClientOrderId
    broker_order_id: str


class OrderRejected(BaseEvent, frozen=True, gc=False):
    """The broker rejected the order."""

    account: AccountId
    client_order_id: ClientOrderId
    reason: str
    code: str


class OrderCanceled(BaseEvent, frozen=True, gc=False):
    """The order is dead by cancel."""

    account: AccountId
    client_order_id: ClientOrderId
    reason: str
    actor: str = ""
    """Who ended what Stopline held; empty where the broker says so."""


class OrderExpired(BaseEvent, frozen=True, gc=False):
    """The order is dead by expiry."""

    account: AccountId
    client_order_id: ClientOrderId
    reason: str


class OrderBecameUnknown(BaseEvent, frozen=True, gc=False):
    """The order was sent and nothing proves what became of it; its leaves stay reserved."""

    account: AccountId
    client_order_id: ClientOrderId
    reason: str


class CancelRequested(BaseEvent, frozen=True, gc=False):
    """A cancel goes to the broker. `cause` names who or what asked."""

    account: AccountId
    client_order_id: ClientOrderId
    cause: str
    actor: str
    is_recall: bool = False
    """The order is not to end by it: Stopline keeps it once the broker has let go of it."""


class CancelRejected(BaseEvent, frozen=True, gc=False):
    """The broker would not cancel."""

    account: AccountId
    client_order_id: ClientOrderId
    reason: str


class OrderReplaced(BaseEvent, frozen=True, gc=False):
    """The broker carried out the change."""

    account: AccountId
    client_order_id: ClientOrderId
    order_qty: Qty
    limit_price: Price | None
    stop_price: Price | None


class ReplaceRejected(BaseEvent, frozen=True, gc=False):
    """The broker would not replace; the order works on its old terms."""

    account: AccountId
    client_order_id: ClientOrderId
    reason: str


class ExternalOrderBooked(BaseEvent, frozen=True, gc=False):
    """A live order that we did not send; its leaves count from now on."""

    broker: str
    request: OrderRequest
    routed_order_id: RoutedOrderId
    cum_qty: Qty
    reserve_price: Price | None


OrderEvent: TypeAlias = (
    OrderRouted
    | OrderWorking
    | OrderRejected
    | OrderCanceled
    | OrderExpired
    | OrderBecameUnknown
    | CancelRequested
    | CancelRejected
    | OrderReplaced
    | ReplaceRejected
    | ExternalOrderBooked
)
