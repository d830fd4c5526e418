"""Replacing: the old order ends as `replaced`, a new one with a new id takes its place.

The new order is for what the old one has left (a `qty` that is asked for counts what has
filled already): so executions add up over both. Money and quantity are looked at again.
"""

from msgspec import structs

from stopline.dialects.alpaca.defects import price_defect
from stopline.dialects.alpaca.errors import ApiError, Refused
from stopline.dialects.alpaca.refusals import forbidden, invalid, not_cancelable, not_unique, unprocessable
from stopline.dialects.alpaca.replace import ReplaceOrder
from stopline.dialects.alpaca.words import Status
from stopline.model.numbers import QTY_ONE, Nanos, Price
from stopline.model.order import OrderClass, OrderType
from stopline.sim.alpaca.book import Book, SimOrder
from stopline.sim.alpaca.floor import AUCTIONS
from stopline.sim.alpaca.hours import Hours
from stopline.sim.alpaca.making import expiry
from stopline.sim.alpaca.money import Purse, free_to_close, opens
from stopline.sim.alpaca.trailing import stop_for


def replacement(order: SimOrder, change: ReplaceOrder, book: Book, hours: Hours, at: Nanos) -> SimOrder:
    """Return the order that would take its place, not yet in the book; raises Refused."""
    wrong = _defect(order, change, book)
    if wrong is not None:
        raise Refused(wrong)
    number, order_id = book.number()
    asked = order.qty if change.qty is None else change.qty
    tif = change.time_in_force or order.time_in_force
    new = structs.replace(
        order,
        id=order_id,
        number=number,
        client_order_id=change.client_order_id or order_id,
        time_in_force=tif,
        expires_at=expiry(tif, order.extended_hours, hours, at),
        qty=asked - order.filled_qty,
        notional=None,
        filled_qty=0,
        filled_value=0,
        filled_at=None,
        limit_price=_or(change.limit_price, order.limit_price),
        stop_price=_or(change.stop_price, order.stop_price),
        status=Status.HELD if order.status is Status.HELD else Status.PENDING_NEW,
        created_at=at,
        updated_at=at,
        replaces=order.id,
        legs=list(order.legs),
    )
    if change.trail is not None:
        _trail(new, change.trail)
    return new


def _defect(order: SimOrder, change: ReplaceOrder, book: Book) -> ApiError | None:
    if not order.is_open:
        return not_cancelable(order.status)
    if order.status in (Status.ACCEPTED, Status.PENDING_NEW):
        return unprocessable(f"an order that is {order.status} cannot be replaced")
    if not _is_changed(order, change):
        return forbidden("order parameters are not changed")
    if order.notional is not None:
        return unprocessable("notional orders cannot be replaced")
    if change.client_order_id and book.with_client_id(change.client_order_id) is not None:
        return not_unique()
    if change.qty is not None and change.qty <= order.filled_qty:
        return unprocessable("qty must be more than what has filled")
    if change.qty is not None and order.order_class is not OrderClass.SIMPLE:
        return unprocessable("only prices of complex orders can be replaced")
    if change.qty is not None and change.qty % QTY_ONE:
        return invalid("qty must be whole shares")
    if change.time_in_force in AUCTIONS:
        return unprocessable("an order cannot be replaced by an auction order")
    for name, price, held in (
        ("limit_price", change.limit_price, order.limit_price),
        ("stop_price", change.stop_price, order.stop_price),
    ):
        if price is not None and held is None:
            return unprocessable(f"{order.order_type} orders must not have {name}")
        if wrong := price_defect(name, price):
            return wrong
    if change.trail is not None and order.order_type is not OrderType.TRAILING_STOP:
        return unprocessable(f"{order.order_type} orders must not have trail")
    return invalid("trail must be > 0") if change.trail is not None and change.trail <= 0 else None


def _is_changed(order: SimOrder, change: ReplaceOrder) -> bool:
    asked = (
        (change.qty, order.qty),
        (change.time_in_force, order.time_in_force),
        (change.limit_price, order.limit_price),
        (change.stop_price, order.stop_price),
    )
    is_other = any(wanted is not None and wanted != now for wanted, now in asked)
    return is_other or change.trail is not None or change.client_order_id is not None


def _or(asked: Price | None, usual: Price | None) -> Price | None:
    return usual if asked is None else asked


def _trail(order: SimOrder, trail: Price) -> None:
    """Give a trailing stop another trail: a percentage (here a ratio, 1e-6) or an amount, as it has."""
    if order.trail_percent is not None:
        order.trail_percent = trail // 10_000
    else:
        order.trail_price = trail
    if order.hwm is not None:
        order.stop_price = stop_for(order, order.hwm)


def shortfall(old: SimOrder, new: SimOrder, book: Book, purse: Purse) -> tuple[int, int] | None:
    """Return (had, wanted) where a replacement wants more money or shares than there are, else None."""
    if new.parent or new.is_shadow:
        return None
    if opens(book, old):
        wanted = purse.cost_of(new)
        had = purse.buying_power() + purse.cost_of(old)
    else:
        had, wanted = free_to_close(book, new.symbol) + old.leaves_qty, new.qty
    return (had, wanted) if wanted > had else None
