"""What an order may trade at, at worst for the trader. Magnitudes: limits use absolute values.

Source     semantics.md sections 5 (order notional) and 12 (prices).
"""

from stopline.measures.exposure import buffered
from stopline.model.numbers import Price
from stopline.model.order import OrderType
from stopline.state.market import QuoteRecord

PRICED = (OrderType.LIMIT, OrderType.STOP_LIMIT)
_MARKET = OrderType.MARKET


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
