"""How an order can go to a broker: as it is, or in the simpler shape it takes once Stopline has triggered it.

Source     semantics.md section 8; brokers.md (which broker takes what).
"""

from typing import Final

from msgspec import structs

from stopline.model.capabilities import Capabilities
from stopline.model.order import OrderClass, OrderRequest, OrderType, TimeInForce

TRIGGERED_AS: Final = {
    OrderType.STOP: OrderType.MARKET,
    OrderType.TRAILING_STOP: OrderType.MARKET,
    OrderType.STOP_LIMIT: OrderType.LIMIT,
}
"""What a stop is once it has triggered."""
IMMEDIATE: Final = (TimeInForce.IOC, TimeInForce.FOK)
AUCTIONS: Final = (TimeInForce.OPG, TimeInForce.CLS)
_STANDING: Final = (TimeInForce.GTC, TimeInForce.DAY)


def is_native(kind: OrderType, offer: Capabilities | None) -> bool:
    """Return whether the broker takes this type; one that has not spoken yet is not asked."""
    return offer is None or kind in offer.order_types


def can_route(kind: OrderType, offer: Capabilities | None) -> bool:
    """Return whether the broker takes the type, or what it becomes once triggered here."""
    return is_native(kind, offer) or is_native(TRIGGERED_AS.get(kind, kind), offer)


def can_time(time: TimeInForce, offer: Capabilities | None) -> bool:
    """Return whether the broker takes the time in force, or Stopline can keep it instead: GTD by its own timer."""
    if offer is None or time in offer.times_in_force:
        return True
    return time is TimeInForce.GTD and any(each in offer.times_in_force for each in _STANDING)


def time_sent(time: TimeInForce, offer: Capabilities | None) -> TimeInForce:
    """Return the time in force at the broker: GTD, where it is kept here, stands there as long as may be."""
    if offer is None or time in offer.times_in_force:
        return time
    return next((each for each in _STANDING if each in offer.times_in_force), time)


def standing_time(offer: Capabilities | None) -> TimeInForce:
    """Return the longest time in force for an order that must stand until its position is gone: GTC, or DAY."""
    return time_sent(TimeInForce.GTC, offer)


def is_plain(request: OrderRequest, offer: Capabilities | None) -> bool:
    """Return whether the broker takes the order as it was asked for; else Stopline keeps it, or sends it simpler."""
    return (
        request.order_class is OrderClass.SIMPLE
        and request.condition is None
        and not request.oca_group
        and request.notional is None
        and request.cancel_after is None
        and not request.cancels_rest
        and (offer is None or request.time_in_force in offer.times_in_force)
        and is_native(request.order_type, offer)
    )


def simple(request: OrderRequest, kind: OrderType, time: TimeInForce) -> OrderRequest:
    """Return the order as one of type `kind` with nothing hanging on it: what a broker gets of it."""
    has_limit = kind in (OrderType.LIMIT, OrderType.STOP_LIMIT)
    has_stop = kind in (OrderType.STOP, OrderType.STOP_LIMIT)
    is_trailing = kind is OrderType.TRAILING_STOP
    return structs.replace(
        request,
        order_type=kind,
        limit_price=request.limit_price if has_limit else None,
        stop_price=request.stop_price if has_stop else None,
        trail_amount=request.trail_amount if is_trailing else None,
        trail_percent=request.trail_percent if is_trailing else None,
        time_in_force=time,
        expire_at=request.expire_at if time is TimeInForce.GTD else None,
        order_class=OrderClass.SIMPLE,
        notional=None,
        take_profit=None,
        stop_loss=None,
        stop_loss_limit=None,
        oca_group="",
        condition=None,
        cancel_after=None,
        cancels_rest=False,
        partial_timeout=None,
    )
