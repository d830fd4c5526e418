"""Which orders a query names."""

from stopline.dialects.alpaca.query import OrdersQuery
from stopline.sim.alpaca.book import Book, SimOrder


def select(book: Book, query: OrdersQuery) -> list[SimOrder]:
    """Return the orders of a query, in its order. Nested, legs come under their parents and not beside them."""
    found = [order for order in book.orders.values() if _is_meant(book, order, query)]
    found.sort(key=lambda order: order.number, reverse=query.direction == "desc")
    return found[: query.limit]


def _is_meant(book: Book, order: SimOrder, query: OrdersQuery) -> bool:
    if query.nested and order.parent:
        return False
    if query.symbols and order.symbol not in query.symbols:
        return False
    if query.side and order.side != query.side:
        return False
    if query.after is not None and order.created_at <= query.after:
        return False
    if query.until is not None and order.created_at > query.until:
        return False
    is_open = order.is_open or (query.nested and any(leg.is_open for leg in book.legs(order)))
    return query.status == "all" or is_open is (query.status == "open")
