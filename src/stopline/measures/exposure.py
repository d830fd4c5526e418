"""What orders and positions are worth at worst: exact ints, rounded against the trader.

Source     semantics.md sections 2, 5 (notionals) and 12 (worst-case money).
"""

from typing import Final

from stopline.model.numbers import Money, Multiplier, Price, Qty

VALUE_SCALE: Final = 10**17
"""qty (1e-9) * price (1e-8) * multiplier (1e-8), brought back to money (1e-8)."""
MARKET_BUFFER_PERCENT: Final = 1
"""A market order is valued this far beyond the quote (semantics.md section 12)."""


def notional(qty: Qty, price: Price, multiplier: Multiplier) -> Money:
    """Return |qty * price * multiplier|, rounded up."""
    return -(-abs(qty * price) * multiplier // VALUE_SCALE)


def position_value_at_worst(qty: Qty, mark: Price, multiplier: Multiplier) -> Money:
    """Return qty * |mark| * multiplier, signed like qty, rounded away from zero."""
    worth = notional(qty, mark, multiplier)
    return worth if qty >= 0 else -worth


def worst_money(value: Money, buy_money: Money, sell_money: Money) -> Money:
    """Return max(|value + buys|, |value - sells|): a sell never nets a buy."""
    high, low = value + buy_money, value - sell_money
    if high < 0:
        high = -high
    if low < 0:
        low = -low
    return high if high >= low else low


def worst_qty(highest: Qty, lowest: Qty) -> Qty:
    """Return max(|highest|, |lowest|)."""
    if highest < 0:
        highest = -highest
    if lowest < 0:
        lowest = -lowest
    return highest if highest >= lowest else lowest


def buffered(price: Price) -> Price:
    """Return |price| moved one percent away from zero, rounded up: what a market order may cost."""
    return -(-abs(price) * (100 + MARKET_BUFFER_PERCENT) // 100)


def lowered(price: Price) -> Price:
    """Return a price moved one percent down, rounded down: the least that a market sale may bring."""
    return price - -(-abs(price) * MARKET_BUFFER_PERCENT // 100)


def is_reducing_sell(position: Qty, working_sells: Qty, qty: Qty) -> bool:
    """Return whether a sell provably reduces: even if every sell fills, the position stays long or flat."""
    return position - working_sells - qty >= 0


def is_reducing_buy(position: Qty, working_buys: Qty, qty: Qty) -> bool:
    """Return whether a buy provably reduces: even if every buy fills, the position stays short or flat."""
    return position + working_buys + qty <= 0
