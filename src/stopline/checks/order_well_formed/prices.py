"""Its prices, and those of its legs: on the tick, and of a sign that the instrument has."""

from typing import Final

from stopline.checks.base import Candidate
from stopline.checks.order_well_formed.defects import Defect
from stopline.model.instrument import Instrument
from stopline.model.numbers import MAX_SCALED, Price, render_price
from stopline.model.order import OrderClass, OrderRequest

_SIMPLE: Final = OrderClass.SIMPLE


def price_defect(request: OrderRequest, instrument: Instrument) -> int:
    """Return what is wrong with a price, or 0."""
    tick = instrument.tick_size
    least = -MAX_SCALED if instrument.price_may_be_negative else 1
    limit, stop = request.limit_price, request.stop_price
    if limit is not None:
        if limit < least:
            return Defect.PRICE_NOT_POSITIVE
        if limit % tick:
            return Defect.OFF_TICK
    if stop is not None:
        if stop < least:
            return Defect.PRICE_NOT_POSITIVE
        if stop % tick:
            return Defect.OFF_TICK
    if request.trail_amount is not None and request.trail_amount % tick:
        return Defect.OFF_TICK
    if request.take_profit is None and request.stop_loss is None and request.stop_loss_limit is None:
        return 0
    if request.order_class is _SIMPLE:
        return Defect.LEGS_WITHOUT_CLASS
    return _leg_defect(request, tick, least)


def _leg_defect(request: OrderRequest, tick: Price, least: Price) -> int:
    for price in (request.take_profit, request.stop_loss, request.stop_loss_limit):
        if price is None:
            continue
        if price < least:
            return Defect.PRICE_NOT_POSITIVE
        if price % tick:
            return Defect.OFF_TICK
    return 0


def off_tick_reason(order: Candidate) -> str:
    """Return which price is off the tick, and its neighbours that are not."""
    request, instrument = order.request, order.instrument
    tick = 1 if instrument is None else instrument.tick_size
    named = ("limit_price", "stop_price", "trail_amount", "take_profit", "stop_loss", "stop_loss_limit")
    for name in named:
        price: Price | None = getattr(request, name)
        if price is not None and price % tick:
            below = price // tick * tick
            return (
                f"{name} {render_price(price)} is not a multiple of the tick {render_price(tick)}: "
                f"{render_price(below)} or {render_price(below + tick)} would be"
            )
    return "every price is a multiple of the tick"
