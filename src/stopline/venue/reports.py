"""What the exchange says, in order. A report names the order; figures that move on are copied."""

from typing import TypeAlias

from msgspec import Struct

from stopline.model.ids import RoutedOrderId
from stopline.model.numbers import Money, Nanos, Price, Qty
from stopline.venue.orders import VenueOrder


class _Report(Struct, frozen=True, gc=False):
    """Base of all reports."""


class Accepted(_Report, frozen=True, gc=False):
    """The order is in the book (or about to trade)."""

    order: VenueOrder


class Refused(_Report, frozen=True, gc=False):
    """The order never lived."""

    order: VenueOrder
    code: str
    reason: str


class Triggered(_Report, frozen=True, gc=False):
    """A stop became a live order, behind those that were there before."""

    order: VenueOrder


class Executed(_Report, frozen=True, gc=False):
    """One execution. `exec_no` counts all executions of the exchange, from 1."""

    order: VenueOrder
    exec_no: int
    qty: Qty
    price: Price
    fee: Money
    at: Nanos
    leaves_qty: Qty
    """What this execution left of the order."""


class Ended(_Report, frozen=True, gc=False):
    """The order is dead without being filled: `canceled` or `expired`."""

    order: VenueOrder
    outcome: str
    cum_qty: Qty
    reason: str


class Amended(_Report, frozen=True, gc=False):
    """The order has these terms now."""

    order: VenueOrder
    order_qty: Qty
    limit_price: Price | None
    stop_price: Price | None


class NotCanceled(_Report, frozen=True, gc=False):
    """There is no such live order."""

    order_id: RoutedOrderId
    reason: str


class NotAmended(_Report, frozen=True, gc=False):
    """The order works on its old terms, or is not alive."""

    order_id: RoutedOrderId
    reason: str


Report: TypeAlias = Accepted | Refused | Triggered | Executed | Ended | Amended | NotCanceled | NotAmended
