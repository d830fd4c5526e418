"""Brokers, about single orders and executions."""

from typing import TypeAlias

from stopline.messages.inputs.base import BaseInput
from stopline.model.fill import Fill
from stopline.model.ids import AccountId, InstrumentId, RoutedOrderId
from stopline.model.numbers import Price, Qty
from stopline.model.order import OrderType, Side


class OrderSent(BaseInput, frozen=True, gc=False):
    """The dispatcher handed the order to the broker's connection."""

    account: AccountId
    routed_order_id: RoutedOrderId


class OrderAccepted(BaseInput, frozen=True, gc=False):
    """The broker acknowledged an order: it works."""

    account: AccountId
    routed_order_id: RoutedOrderId
    broker_order_id: str = ""


class OrderRefused(BaseInput, frozen=True, gc=False):
    """The broker rejected an order (proof that it will not fill)."""

    account: AccountId
    routed_order_id: RoutedOrderId
    reason: str
    code: str = ""


class OrderGone(BaseInput, frozen=True, gc=False):
    """The broker says an order is dead: `canceled` or `expired`, `cum_qty` filled until then."""

    account: AccountId
    routed_order_id: RoutedOrderId
    outcome: str
    cum_qty: Qty
    reason: str = ""


class OutcomeUnknown(BaseInput, frozen=True, gc=False):
    """A send ended in a timeout, a disconnect or a 5xx: the order may live or not."""

    account: AccountId
    routed_order_id: RoutedOrderId
    reason: str


class CancelRefused(BaseInput, frozen=True, gc=False):
    """The broker would not cancel."""

    account: AccountId
    routed_order_id: RoutedOrderId
    reason: str


class OrderAmended(BaseInput, frozen=True, gc=False):
    """The broker carried out a replace: these are the order's terms now."""

    account: AccountId
    routed_order_id: RoutedOrderId
    order_qty: Qty
    limit_price: Price | None
    stop_price: Price | None


class ReplaceRefused(BaseInput, frozen=True, gc=False):
    """The broker would not replace; the order works on its old terms."""

    account: AccountId
    routed_order_id: RoutedOrderId
    reason: str


class FillReported(BaseInput, frozen=True, gc=False):
    """An execution, ours or not (an unknown `routed_order_id` is booked as external)."""

    broker: str
    fill: Fill


class ExternalOrderSeen(BaseInput, frozen=True, gc=False):
    """A live order at the broker that we did not send: it counts everywhere."""

    broker: str
    account: AccountId
    routed_order_id: RoutedOrderId
    instrument_id: InstrumentId
    side: Side
    order_type: OrderType
    order_qty: Qty
    cum_qty: Qty
    limit_price: Price | None = None
    stop_price: Price | None = None


ReportInput: TypeAlias = (
    OrderSent
    | OrderAccepted
    | OrderRefused
    | OrderGone
    | OutcomeUnknown
    | CancelRefused
    | OrderAmended
    | ReplaceRefused
    | FillReported
    | ExternalOrderSeen
)
