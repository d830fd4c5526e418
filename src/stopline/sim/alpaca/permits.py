"""Why an order may not go in: the owner's own stop, ids, money, quantities, and trades with oneself."""

from stopline.dialects.alpaca.create import CreateOrder
from stopline.dialects.alpaca.defects import is_fractional
from stopline.dialects.alpaca.errors import ApiError
from stopline.dialects.alpaca.refusals import (
    forbidden,
    insufficient_buying_power,
    insufficient_qty,
    not_unique,
    suspended,
    unprocessable,
    wash_trade,
)
from stopline.dialects.alpaca.words import Intent
from stopline.measures.pnl import money_of
from stopline.model.numbers import PRICE_ONE, QTY_ONE, Money, Price, Qty
from stopline.model.order import OrderClass, OrderType, Side
from stopline.sim.alpaca.assets import Assets
from stopline.sim.alpaca.book import Book, SimOrder
from stopline.sim.alpaca.money import Purse, free_to_close


def refusal(order: CreateOrder, book: Book, assets: Assets, purse: Purse) -> ApiError | None:
    """Return the first reason against an order, or None."""
    if book.configurations.suspend_trade:
        return suspended()
    if assets.symbol(order.symbol) is None:
        return unprocessable(f'asset "{order.symbol}" not found')
    if order.client_order_id and book.with_client_id(order.client_order_id) is not None:
        return not_unique()
    if is_fractional(order) and not book.configurations.fractional_trading:
        return forbidden("fractional trading is disabled for this account")
    own = crossing(order, book)
    if own is not None:
        return wash_trade(own.id, "market/stop" if _is_sure(own.order_type) else "limit")
    limit = order.take_profit if _is_oco(order) else order.limit_price
    price = purse.worst_price(order.symbol, order.side, limit, order.stop_price)
    if price is None:
        return unprocessable(f'asset "{order.symbol}" has no price yet')
    qty = order.qty if order.qty is not None else (order.notional or 0) * QTY_ONE // price
    return quantity_refusal(order, book, qty, purse) or money_refusal(order.side, order.symbol, qty, price, book, purse)


def quantity_refusal(order: CreateOrder, book: Book, qty: Qty, purse: Purse) -> ApiError | None:
    """Return why there is not enough to sell, or why it may not be sold short. No order turns a position round."""
    held = book.holding(order.symbol).qty
    closes = held > 0 if order.side is Side.SELL else held < 0
    if closes:
        free = free_to_close(book, order.symbol)
        return insufficient_qty(order.symbol, qty, free, abs(held)) if qty > free else None
    if _is_oco(order) or order.position_intent in (Intent.BUY_TO_CLOSE, Intent.SELL_TO_CLOSE):
        return insufficient_qty(order.symbol, qty, 0, 0)
    if order.side is Side.BUY:
        return None
    if purse.multiplier == 1 or book.configurations.no_shorting:
        return forbidden("account is not allowed to short")
    return forbidden("fractional orders cannot be sold short") if is_fractional(order) else None


def money_refusal(side: Side, symbol: str, qty: Qty, price: Price, book: Book, purse: Purse) -> ApiError | None:
    """Return why there is not enough money to open; closing needs none."""
    held = book.holding(symbol).qty
    if (held > 0 and side is Side.SELL) or (held < 0 and side is Side.BUY):
        return None
    wanted: Money = money_of(qty, price, PRICE_ONE)
    power = purse.buying_power()
    return insufficient_buying_power(power, wanted) if wanted > power else None


def crossing(order: CreateOrder, book: Book) -> SimOrder | None:
    """Return an order of our own that this one could trade with. Legs and their parents are left alone."""
    if order.order_class is not OrderClass.SIMPLE:
        return None
    for other in book.open_orders(order.symbol):
        if other.side is order.side or other.order_class is not OrderClass.SIMPLE:
            continue
        if _is_sure(order.order_type) or _is_sure(other.order_type):
            return other
        buy, sell = (order, other) if order.side is Side.BUY else (other, order)
        if (buy.limit_price or 0) >= (sell.limit_price or 0):
            return other
    return None


def _is_sure(kind: OrderType) -> bool:
    """Return whether an order trades, or may come to trade, at whatever price there is."""
    return kind is not OrderType.LIMIT


def _is_oco(order: CreateOrder) -> bool:
    return order.order_class is OrderClass.OCO
