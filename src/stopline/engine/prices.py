"""What an order may trade at, at worst for the trader. Magnitudes: limits use absolute values.

Source     semantics.md sections 5 (order notional) and 12 (prices).
"""

from stopline.measures.exposure import VALUE_SCALE, buffered
from stopline.measures.price_quality import is_fresh
from stopline.model.instrument import Instrument
from stopline.model.numbers import Nanos, Price, Qty
from stopline.model.order import OrderRequest, OrderType, Side
from stopline.state.market import QuoteRecord

PRICED = (OrderType.LIMIT, OrderType.STOP_LIMIT)
_MARKET = OrderType.MARKET


def qty_for_money(
    request: OrderRequest, instrument: Instrument, quote: QuoteRecord | None, max_age: Nanos, at: Nanos
) -> Qty:
    """Return the whole lots that the order's money pays for at its worst price, 0 where nothing can value it."""
    is_trusted = quote is not None and quote.usable and is_fresh(quote.received_at, quote.valid_until, max_age, at)
    sign = 1 if request.side is Side.BUY else -1
    worst = worst_price(
        request.order_type, sign, request.limit_price, request.stop_price, quote if is_trusted else None
    )
    if not worst or request.notional is None or request.notional <= 0:
        return 0
    lot = instrument.lot_size
    return request.notional * VALUE_SCALE // (worst * instrument.multiplier) // lot * lot


def worst_price(
    order_type: OrderType,
    sign: int,
    limit_price: Price | None,
    stop_price: Price | None,
    quote: QuoteRecord | None,
) -> Price | None:
    """Return the worst price as a magnitude; None when nothing can value the order.

    `quote` is None unless it is usable and fresh. A sell limit is worth at least the bid;
    a market order what the quote says plus a buffer; a stop the worse of stop and that.
    """
    if order_type in PRICED:
        if limit_price is None:
            return None
        worst = abs(limit_price)
        if sign < 0 and quote is not None and quote.bid is not None and abs(quote.bid) > worst:
            return abs(quote.bid)
        return worst
    market = None
    if quote is not None:
        touch = quote.ask if sign > 0 else quote.bid
        market = None if touch is None else buffered(touch)
    if order_type is _MARKET:
        return market
    if stop_price is None:
        return market
    worst = abs(stop_price)
    return worst if market is None or market < worst else market
