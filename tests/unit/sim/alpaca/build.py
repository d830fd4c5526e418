"""A simulated broker without sockets: quotes and time by hand, orders in words, and what the stream would say."""

from datetime import UTC, datetime

import pytest

from stopline.dialects.alpaca.create import CreateOrder, parse_create
from stopline.dialects.alpaca.errors import ApiError, Refused
from stopline.dialects.alpaca.exact_json import encode
from stopline.dialects.alpaca.orders import Order
from stopline.dialects.alpaca.query import OrdersQuery
from stopline.dialects.alpaca.replace import ReplaceOrder, parse_replace
from stopline.dialects.alpaca.stream import TradeUpdate
from stopline.model.numbers import QTY_ONE, SECOND, parse_price, parse_qty
from stopline.sim.alpaca.assets import Assets
from stopline.sim.alpaca.book import Book, SimOrder
from stopline.sim.alpaca.hours import ALWAYS, Hours
from stopline.sim.alpaca.house import House
from stopline.sim.alpaca.market import hand_quote
from stopline.venue.equities import equity

SYMBOLS = ("AAPL", "MSFT", "SPY")
NOON = "2026-01-06T12:00:00-05:00"


def instant(text: str) -> int:
    """Return an instant in nanoseconds."""
    return int(datetime.fromisoformat(text).astimezone(UTC).timestamp()) * SECOND


class Room:
    """A house with AAPL at 100.00 to 100.02, and what happened in it."""

    def __init__(self, cash: str = "100000", hours: str = ALWAYS, at: str = NOON, book: Book | None = None) -> None:
        self.at = instant(at)
        money = parse_price(cash)
        self.book = book or Book(opening_cash=money, cash=money, last_equity=money, began_at=self.at)
        self.house = House(self.book, Assets([equity(symbol) for symbol in SYMBOLS]), Hours(hours), self.at)
        self.updates: list[TradeUpdate] = []
        self.house.on_update = self.updates.append
        self.house.resume(self.at)
        self.quote("AAPL", "100.00", "100.02")

    def quote(self, symbol: str, bid: str, ask: str, size: str = "1000", last: str | None = None) -> None:
        """Let a quote come, a second later."""
        self.at += SECOND
        price = None if last is None else parse_price(last)
        instrument = self.book.instruments[symbol]
        self.house.advance(self.at)
        quote = hand_quote(instrument, parse_price(bid), parse_price(ask), parse_qty(size), price, self.at)
        self.house.quote(quote, self.at)

    def go(self, at: str) -> None:
        """Let time come to an instant."""
        self.at = instant(at)
        self.house.advance(self.at)

    def ask(self, **fields: object) -> CreateOrder:
        """Return an order: ten AAPL at the market for the day, unless said otherwise."""
        usual = {"symbol": "AAPL", "side": "buy", "type": "market", "time_in_force": "day"}
        if "notional" not in fields:
            usual["qty"] = "10"
        return parse_create(encode({**usual, **fields}))

    def submit(self, **fields: object) -> SimOrder:
        """Send an order; return it as it is afterwards."""
        return self.book.orders[self.answer(**fields).id]

    def answer(self, **fields: object) -> Order:
        """Send an order; return the answer."""
        return self.house.submit(self.ask(**fields), self.at)

    def refused(self, **fields: object) -> ApiError:
        """Send an order that must be refused; return why."""
        with pytest.raises(Refused) as caught:
            self.answer(**fields)
        return caught.value.error

    def replace(self, order: SimOrder, **fields: object) -> SimOrder:
        """Replace an order; return the new one."""
        change: ReplaceOrder = parse_replace(encode(fields))
        return self.book.orders[self.house.replace(order.id, change, self.at).id]

    def legs(self, order: SimOrder) -> list[SimOrder]:
        """Return an order's legs: the profit, then the stop."""
        return self.book.legs(order)

    def hold(self, qty: str = "10") -> None:
        """Buy so many AAPL (or sell them short), and forget how."""
        self.submit(side="buy" if not qty.startswith("-") else "sell", qty=qty.lstrip("-"))
        self.updates.clear()

    @property
    def said(self) -> list[str]:
        """What the stream said: events, and whose."""
        return [f"{update.event} {update.order.order_type} {update.order.side}" for update in self.updates]

    @property
    def held(self) -> int:
        """How many AAPL there are, in whole shares."""
        return self.book.holding("AAPL").qty // QTY_ONE

    def orders(self, **query: object) -> list[Order]:
        """Return the orders of a query."""
        return self.house.orders(OrdersQuery(**query))  # type: ignore[arg-type]
