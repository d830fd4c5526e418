"""Equity, margin and buying power of the one account.

Margin     half of what is held and shorted (all of it at multiplier 1); maintenance 30 %.
Power      (equity - initial margin) x multiplier, less what working orders that open hold;
           at multiplier 1 the cash, less the same.
"""

from collections.abc import Callable
from typing import Final

from stopline.measures.pnl import money_of
from stopline.model.numbers import PRICE_ONE, RATIO_ONE, Money, Price, Qty, Ratio, div_half_even
from stopline.model.order import Side
from stopline.sim.alpaca.book import Book, SimOrder

INITIAL: Final[Ratio] = 500_000
MAINTENANCE: Final[Ratio] = 300_000
SHORT_SURCHARGE: Final[Ratio] = 1_030_000
"""A short sale is valued 3 % above the ask."""
Prices = Callable[[str], Price | None]
"""The newest price of a symbol, or None before the first quote."""
FarSides = Callable[[str, Side], Price | None]
"""What an order of a side would trade at; the newest price while nobody quotes."""


class Purse:
    """The account's figures as of the newest prices."""

    def __init__(self, book: Book, prices: Prices, far_side: FarSides) -> None:
        self._book, self._prices, self._far_side = book, prices, far_side

    @property
    def multiplier(self) -> int:
        """What equity may be multiplied by: 1, 2 or 4."""
        said = self._book.configurations.max_margin_multiplier or "2"
        return int(said)

    def price(self, symbol: str) -> Price | None:
        """Return the newest price of a symbol."""
        return self._prices(symbol)

    def value(self, symbol: str) -> Money:
        """Return what a holding is worth (negative for a short); at cost while nothing was quoted."""
        held = self._book.holding(symbol)
        price = self._prices(symbol)
        return held.cost if price is None else money_of(held.qty, price, PRICE_ONE)

    def long_value(self) -> Money:
        """Return what all long positions are worth."""
        return sum(max(self.value(symbol), 0) for symbol in self._book.holdings)

    def short_value(self) -> Money:
        """Return what all short positions are worth, as a negative amount."""
        return sum(min(self.value(symbol), 0) for symbol in self._book.holdings)

    def equity(self) -> Money:
        """Return cash and positions."""
        return self._book.cash + self.long_value() + self.short_value()

    def gross(self) -> Money:
        """Return what is held and shorted, both as positive amounts."""
        return self.long_value() - self.short_value()

    def initial_margin(self) -> Money:
        """Return what positions bind."""
        return self.gross() if self.multiplier == 1 else div_half_even(self.gross() * INITIAL, RATIO_ONE)

    def maintenance_margin(self) -> Money:
        """Return what positions must keep."""
        return div_half_even(self.gross() * MAINTENANCE, RATIO_ONE)

    def excess_power(self, multiplier: int) -> Money:
        """Return what could be bought at a multiplier, open orders left aside."""
        if multiplier == 1:
            return max(self._book.cash, 0)
        return max(self.equity() - self.initial_margin(), 0) * multiplier

    def buying_power(self) -> Money:
        """Return what new orders may cost."""
        return max(self.excess_power(self.multiplier) - self.held_for_orders(), 0)

    def held_for_orders(self) -> Money:
        """Return what working orders that open positions hold."""
        return sum(self.cost_of(order) for order in self._book.open_orders() if opens(self._book, order))

    def cost_of(self, order: SimOrder) -> Money:
        """Return what the rest of an order costs at its own worst price."""
        if order.notional is not None and not order.qty:
            return order.notional
        price = self.worst_price(order.symbol, order.side, order.limit_price, order.stop_price)
        return money_of(order.leaves_qty, price or 0, PRICE_ONE)

    def worst_price(self, symbol: str, side: Side, limit: Price | None, stop: Price | None) -> Price | None:
        """Return what an order is valued at: its limit, its stop, or the far side of the market.

        A short sale is valued at least 3 % above what it would be bought back for.
        """
        asked = limit if limit is not None else stop
        if side is Side.SELL and self._book.holding(symbol).qty <= 0:
            ask = self._far_side(symbol, Side.BUY)
            above = None if ask is None else div_half_even(ask * SHORT_SURCHARGE, RATIO_ONE)
            return asked if above is None else max(asked or 0, above)
        return asked if asked is not None else self._far_side(symbol, side)


def opens(book: Book, order: SimOrder) -> bool:
    """Return whether an order adds to a position (a held leg waits for one)."""
    if order.parent or order.is_shadow:
        return False
    held = book.holding(order.symbol).qty
    return held >= 0 if order.side is Side.BUY else held <= 0


def free_to_close(book: Book, symbol: str) -> Qty:
    """Return how much of a position (unsigned) no working order holds; a pair's stop holds nothing of its own."""
    held = book.holding(symbol).qty
    side = Side.SELL if held > 0 else Side.BUY
    reserved = sum(
        order.leaves_qty
        for order in book.open_orders(symbol)
        if order.side is side and not order.is_shadow and not _waits_for_parent(book, order)
    )
    return max(abs(held) - reserved, 0)


def _waits_for_parent(book: Book, order: SimOrder) -> bool:
    return bool(order.parent) and order.status == "held" and book.orders[order.parent].is_open
