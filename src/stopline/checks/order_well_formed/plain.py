"""The short look, for most orders: a plain limit order without anything special about it."""

from typing import Final

from stopline.checks.base import Candidate
from stopline.model.capabilities import Capabilities
from stopline.model.instrument import AssetClass, Instrument
from stopline.model.numbers import MAX_SCALED
from stopline.model.order import OrderClass, OrderRequest, OrderType, TimeInForce

_LIMIT: Final = OrderType.LIMIT
_GTD: Final = TimeInForce.GTD
_SIMPLE: Final = OrderClass.SIMPLE
_OPTION: Final = AssetClass.OPTION


def plain_times(instrument: Instrument, currency: str, offer: Capabilities | None) -> tuple[TimeInForce, ...]:
    """Return for how long a plain limit order may stand; nothing if every order needs the long look."""
    if instrument.asset_class is _OPTION or instrument.currency != currency:
        return ()
    if offer is None:
        return tuple(time for time in TimeInForce if time is not _GTD)
    if _LIMIT not in offer.order_types:
        return ()
    return tuple(time for time in offer.times_in_force if time is not _GTD)


def is_plain(order: Candidate, request: OrderRequest, instrument: Instrument) -> bool:
    """Return whether it is a limit order with nothing special about it: the short look, for most orders.

    It may say no to an order without a defect, never yes to one with a defect.
    """
    limit, qty, worth, gross = request.limit_price, request.order_qty, order.order_notional, order.gross_after
    return (
        request.order_type is _LIMIT
        and limit is not None
        and limit > 0
        and limit % instrument.tick_size == 0
        and request.stop_price is None
        and order.order_qty > 0
        and qty % instrument.lot_size == 0
        and qty >= instrument.min_qty
        and (instrument.max_qty is None or qty <= instrument.max_qty)
        and worth is not None
        and worth <= MAX_SCALED
        and gross is not None
        and gross <= MAX_SCALED
        and order.worst_qty_after <= MAX_SCALED
        and request.order_class is _SIMPLE
        and request.take_profit is None
        and request.stop_loss is None
        and request.stop_loss_limit is None
        and request.trail_amount is None
        and request.trail_percent is None
        and request.expire_at is None
        and request.notional is None
        and request.condition is None
        and request.cancel_after is None
        and not request.cancels_rest
        and request.partial_timeout is None
        and not request.reduce_only
        and not request.extended_hours
        and not request.currency
    )
