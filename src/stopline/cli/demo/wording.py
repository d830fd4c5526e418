"""Orders in words, and orders from words."""

from typing import Any, Final

from stopline.cli.figures import group, money, number
from stopline.messages.inputs import SubmitOrder
from stopline.model.numbers import Money, Price, Qty, parse_price, parse_qty, render_money, render_price, render_qty
from stopline.model.order import OrderType, Side, TimeInForce

ACCOUNT: Final = "paper"


def buy(name: str, qty: str, symbol: str, **terms: Any) -> SubmitOrder:
    """Return a buy order: at market, unless its terms say otherwise."""
    return _order(name, Side.BUY, qty, symbol, terms)


def sell(name: str, qty: str, symbol: str, **terms: Any) -> SubmitOrder:
    """Return a sell order: at market, unless its terms say otherwise."""
    return _order(name, Side.SELL, qty, symbol, terms)


def _order(name: str, side: Side, qty: str, symbol: str, terms: dict[str, Any]) -> SubmitOrder:
    """Return an order whose prices were written as text: limit, stop, or any field of SubmitOrder."""
    limit, stop = terms.pop("limit", None), terms.pop("stop", None)
    kinds = {(0, 0): "market", (1, 0): "limit", (0, 1): "stop", (1, 1): "stop_limit"}
    kind = terms.pop("order_type", None) or OrderType(kinds[limit is not None, stop is not None])
    others: dict[str, Any] = {
        key: parse_price(each) if isinstance(each, str) and key in _PRICES else each for key, each in terms.items()
    }
    return SubmitOrder(
        account=ACCOUNT,
        client_order_id=name,
        symbol=symbol,
        side=side,
        order_qty=parse_qty(qty),
        order_type=kind,
        limit_price=None if limit is None else parse_price(limit),
        stop_price=None if stop is None else parse_price(stop),
        actor="demo",
        **others,
    )


_PRICES: Final = frozenset({"trail_amount", "take_profit", "stop_loss", "stop_loss_limit"})


def describe(order: SubmitOrder) -> str:
    """Return an order as traders write it: BUY 10 MSFT LIMIT 379.00."""
    words = [order.side.value.upper(), qty(order.order_qty), order.symbol, order.order_type.value.upper()]
    if order.stop_price is not None:
        words += [price(order.stop_price)]
    if order.limit_price is not None:
        words += ["LIMIT"] * (order.stop_price is not None) + [price(order.limit_price)]
    for word, value in (
        ("TRAIL", order.trail_amount),
        ("TAKE PROFIT", order.take_profit),
        ("STOP LOSS", order.stop_loss),
    ):
        if value is not None:
            words += [word, price(value)]
    if order.condition is not None and order.condition.price is not None:
        words += ["WHEN", order.condition.instrument_id, order.condition.relation.value, price(order.condition.price)]
    if order.time_in_force is not TimeInForce.DAY:
        words += [order.time_in_force.value.upper()]
    return " ".join(words)


def price(value: Price) -> str:
    """Return a price as people read it."""
    return number(render_price(value))


def qty(value: Qty) -> str:
    """Return a quantity as people read it."""
    return group(render_qty(value))


def cash(value: Money | None, *, signed: bool = False) -> str:
    """Return money to the cent; a dash while it is unknown."""
    return money(None if value is None else render_money(value), signed=signed)
