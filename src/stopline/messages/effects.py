"""Effects: what the runtime must do once the record is durable. Derived from events, never stored."""

from typing import TypeAlias

from msgspec import Struct

from stopline.messages.events import AlertRaised, OrderApproved, ReplaceApproved
from stopline.model.ids import AccountId, RoutedOrderId


class _Effect(Struct, frozen=True, gc=False):
    """Base of all effects."""


class PlaceOrder(_Effect, frozen=True, gc=False):
    """Send an approved order to its broker."""

    broker: str
    order: OrderApproved


class CancelAtBroker(_Effect, frozen=True, gc=False):
    """Ask the broker to cancel."""

    broker: str
    account: AccountId
    routed_order_id: RoutedOrderId
    is_exit: bool = False


class ReplaceAtBroker(_Effect, frozen=True, gc=False):
    """Ask the broker to change a working order."""

    broker: str
    routed_order_id: RoutedOrderId
    change: ReplaceApproved


class QueryOrder(_Effect, frozen=True, gc=False):
    """Ask the broker what became of an order."""

    broker: str
    account: AccountId
    routed_order_id: RoutedOrderId


class Reconcile(_Effect, frozen=True, gc=False):
    """Ask the broker for its whole picture of an account."""

    broker: str
    account: AccountId


class Notify(_Effect, frozen=True, gc=False):
    """Tell somebody."""

    alert: AlertRaised


Effect: TypeAlias = PlaceOrder | CancelAtBroker | ReplaceAtBroker | QueryOrder | Reconcile | Notify
