"""What the broker says of an order."""

from msgspec import Struct

from stopline.messages import inputs as i
from stopline.messages.inputs import Input
from stopline.model.ids import AccountId, RoutedOrderId
from stopline.model.numbers import Qty
from stopline.venue.orders import VenueOrder


class Ours(Struct):
    """One order as the broker keeps it."""

    terms: VenueOrder
    number: int
    client_order_id: str
    reducing: bool
    is_external: bool = False
    outcome: str = ""
    """filled, canceled, expired or rejected; empty while it works."""
    reason: str = ""

    @property
    def is_working(self) -> bool:
        """Whether it may fill."""
        return not self.outcome


def accepted(order: Ours, generation: int) -> Input:
    """Return that it works, under its number of this generation."""
    terms = order.terms
    number = f"B{generation}-{order.number}"
    return i.OrderAccepted(account=terms.owner, routed_order_id=terms.order_id, broker_order_id=number)


def refused(order: Ours) -> Input:
    """Return that it never lived."""
    terms = order.terms
    return i.OrderRefused(account=terms.owner, routed_order_id=terms.order_id, reason=order.reason, code="simulated")


def gone(order: Ours, outcome: str, cum_qty: Qty) -> Input:
    """Return that it is dead, and what had filled."""
    terms = order.terms
    return i.OrderGone(
        account=terms.owner, routed_order_id=terms.order_id, outcome=outcome, cum_qty=cum_qty, reason=order.reason
    )


def no_cancel(account: AccountId, routed: RoutedOrderId, reason: str) -> Input:
    """Return that a cancel did nothing."""
    return i.CancelRefused(account=account, routed_order_id=routed, reason=reason)


def seen(broker: str, order: Ours, cum_qty: Qty) -> Input:
    """Return that an order works which Stopline did not send."""
    terms = order.terms
    return i.ExternalOrderSeen(
        broker=broker, account=terms.owner, routed_order_id=terms.order_id, instrument_id=terms.instrument_id,
        side=terms.side, order_type=terms.order_type, order_qty=terms.order_qty, cum_qty=cum_qty,
        limit_price=terms.limit_price,
    )  # fmt: skip
