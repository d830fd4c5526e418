"""From what a client asks for to orders in the book: the order itself, and its legs."""

from typing import Final

from stopline.dialects.alpaca.create import CreateOrder
from stopline.dialects.alpaca.words import Intent, Status
from stopline.model.numbers import Nanos, Price
from stopline.model.order import OrderClass, OrderType, Side, TimeInForce
from stopline.sim.alpaca.book import Book, SimOrder
from stopline.sim.alpaca.hours import Hours
from stopline.sim.alpaca.trailing import raise_mark

_OTHER: Final = {Side.BUY: Side.SELL, Side.SELL: Side.BUY}


def make_order(asked: CreateOrder, book: Book, hours: Hours, price: Price | None, at: Nanos) -> SimOrder:
    """Put a new order into the book, with its legs; nothing is on the exchange yet."""
    number, order_id = book.number()
    is_oco = asked.order_class is OrderClass.OCO
    order = SimOrder(
        id=order_id,
        number=number,
        client_order_id=asked.client_order_id or order_id,
        symbol=asked.symbol,
        side=asked.side,
        order_type=asked.order_type,
        time_in_force=asked.time_in_force,
        order_class=asked.order_class,
        position_intent=asked.position_intent or intent(book, asked.symbol, asked.side),
        status=Status.PENDING_NEW,
        created_at=at,
        updated_at=at,
        qty=asked.qty or 0,
        notional=asked.notional,
        limit_price=asked.take_profit if is_oco else asked.limit_price,
        stop_price=asked.stop_price,
        trail_price=asked.trail_price,
        trail_percent=asked.trail_percent,
        extended_hours=asked.extended_hours,
        expires_at=expiry(asked.time_in_force, asked.extended_hours, hours, at),
    )
    book.add(order)
    if asked.order_type is OrderType.TRAILING_STOP and price is not None:
        raise_mark(order, price)
    if asked.take_profit is not None and not is_oco:
        _add_leg(order, OrderType.LIMIT, asked.take_profit, None, book)
    if asked.stop_loss is not None:
        kind = OrderType.STOP if asked.stop_loss_limit is None else OrderType.STOP_LIMIT
        leg = _add_leg(order, kind, asked.stop_loss_limit, asked.stop_loss, book)
        leg.is_shadow = is_oco
    return order


def _add_leg(entry: SimOrder, kind: OrderType, limit: Price | None, stop: Price | None, book: Book) -> SimOrder:
    number, order_id = book.number()
    side = entry.side if entry.order_class is OrderClass.OCO else _OTHER[entry.side]
    leg = SimOrder(
        id=order_id,
        number=number,
        client_order_id=order_id,
        symbol=entry.symbol,
        side=side,
        order_type=kind,
        time_in_force=entry.time_in_force,
        order_class=entry.order_class,
        position_intent=Intent.SELL_TO_CLOSE if side is Side.SELL else Intent.BUY_TO_CLOSE,
        status=Status.HELD,
        created_at=entry.created_at,
        updated_at=entry.created_at,
        qty=entry.qty,
        limit_price=limit,
        stop_price=stop,
        expires_at=entry.expires_at,
        parent=entry.id,
    )
    book.add(leg)
    entry.legs.append(order_id)
    return leg


def intent(book: Book, symbol: str, side: Side) -> Intent:
    """Return what an order is meant to do, from what is held."""
    held = book.holding(symbol).qty
    if side is Side.BUY:
        return Intent.BUY_TO_CLOSE if held < 0 else Intent.BUY_TO_OPEN
    return Intent.SELL_TO_CLOSE if held > 0 else Intent.SELL_TO_OPEN


def expiry(time_in_force: TimeInForce, extended_hours: bool, hours: Hours, at: Nanos) -> Nanos:
    """Return when an order's day ends: with the regular session, or with extended hours; 0 for what has no day."""
    if time_in_force is not TimeInForce.DAY:
        return 0
    if extended_hours:
        return hours.current(at).late_at
    return hours.next_close(at)
