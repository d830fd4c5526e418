"""What the exchange will not take, and why. It judges the order alone, not the money behind it."""

from typing import Final, TypeAlias

from stopline.model.instrument import Instrument
from stopline.model.numbers import Nanos, Price
from stopline.model.order import OrderType, TimeInForce
from stopline.venue.orders import EXPIRING, IMMEDIATE, STOPS, VenueOrder

Defect: TypeAlias = tuple[str, str]
"""A code for programs, a sentence for people."""

ORDER_TYPES: Final = (OrderType.MARKET, OrderType.LIMIT, OrderType.STOP, OrderType.STOP_LIMIT)
TIMES_IN_FORCE: Final = (TimeInForce.DAY, TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK, TimeInForce.GTD)


def defect(order: VenueOrder, instrument: Instrument | None, at: Nanos) -> Defect | None:
    """Return the first thing that is wrong with an order, or None."""
    if instrument is None:
        return "unknown_instrument", f"{order.instrument_id!r} is not traded here"
    return _kind_defect(order) or _time_defect(order, at) or _price_defect(order, instrument)


def _kind_defect(order: VenueOrder) -> Defect | None:
    if order.order_type not in ORDER_TYPES:
        return "unsupported", f"no {order.order_type} orders here: {', '.join(ORDER_TYPES)}"
    if order.time_in_force not in TIMES_IN_FORCE:
        return "unsupported", f"no orders for {order.time_in_force} here: {', '.join(TIMES_IN_FORCE)}"
    if order.order_type in STOPS and order.time_in_force in IMMEDIATE:
        return "unsupported", f"a {order.order_type} order waits, so that it cannot be {order.time_in_force}"
    if order.order_qty <= 0:
        return "bad_quantity", "the quantity must be more than 0"
    return None


def _time_defect(order: VenueOrder, at: Nanos) -> Defect | None:
    if order.time_in_force not in EXPIRING:
        return None
    if order.expires_at <= at:
        return "expired", f"a {order.time_in_force} order must end after now"
    return None


def _price_defect(order: VenueOrder, instrument: Instrument) -> Defect | None:
    wants_limit = order.order_type in (OrderType.LIMIT, OrderType.STOP_LIMIT)
    if (order.limit_price is not None) is not wants_limit:
        return "bad_price", f"a {order.order_type} order takes {'a' if wants_limit else 'no'} limit_price"
    wants_stop = order.order_type in STOPS
    if (order.stop_price is not None) is not wants_stop:
        return "bad_price", f"a {order.order_type} order takes {'a' if wants_stop else 'no'} stop_price"
    for name, price in (("limit_price", order.limit_price), ("stop_price", order.stop_price)):
        found = None if price is None else _tick_defect(name, price, instrument)
        if found is not None:
            return found
    return None


def _tick_defect(name: str, price: Price, instrument: Instrument) -> Defect | None:
    if price % instrument.tick_size:
        return "bad_price", f"{name} is not a multiple of the tick"
    if price <= 0 and not instrument.price_may_be_negative:
        return "bad_price", f"{name} must be more than 0"
    return None
