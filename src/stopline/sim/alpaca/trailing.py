"""Trailing stops: the stop follows the best price seen since the order went in, and never goes back."""

from stopline.dialects.alpaca.defects import CENT
from stopline.model.numbers import RATIO_ONE, Nanos, Price, div_ceil
from stopline.model.order import OrderType, Side
from stopline.sim.alpaca.book import Book, SimOrder
from stopline.sim.alpaca.floor import Floor


def follow(book: Book, floor: Floor, symbol: str, at: Nanos) -> None:
    """Move the trailing stops of a symbol after a quote, and put those on the exchange that waited for a price."""
    price = floor.price(symbol)
    if price is None:
        return
    for order in book.open_orders(symbol):
        if order.order_type is not OrderType.TRAILING_STOP or order.is_triggered:
            continue
        if raise_mark(order, price):
            floor.restop(order, at)
        floor.place(order, at)


def raise_mark(order: SimOrder, price: Price) -> bool:
    """Let an order have seen a price; return whether its stop moved."""
    is_sell = order.side is Side.SELL
    if order.hwm is not None and (price <= order.hwm if is_sell else price >= order.hwm):
        return False
    order.hwm = price
    order.stop_price = stop_for(order, price)
    return True


def stop_for(order: SimOrder, hwm: Price) -> Price:
    """Return the stop that belongs to a best price: a whole cent, further away rather than nearer, at least one."""
    trail = order.trail_price if order.trail_price is not None else hwm * (order.trail_percent or 0) // RATIO_ONE
    if order.side is Side.SELL:
        return max((hwm - trail) // CENT * CENT, CENT)
    return div_ceil(hwm + trail, CENT) * CENT
