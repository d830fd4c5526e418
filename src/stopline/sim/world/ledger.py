"""What fills come to, worked out again from the first to the last: the world's own arithmetic.

It shares no code with the engine's: whoever is asked what an account holds tells the whole
story again (semantics.md sections 9 and 12: money half-even once per fill; cost released
is cost * closed // held, the last close takes the rest).
"""

from collections.abc import Iterable
from typing import NamedTuple

from stopline.model.fill import Fill
from stopline.model.instrument import AssetClass, Instrument
from stopline.model.numbers import Money, Qty
from stopline.model.order import Side

SCALE = 10**17
"""qty (1e-9) * price (1e-8) * multiplier (1e-8) in money (1e-8)."""


class Holding(NamedTuple):
    """What the fills of one instrument came to."""

    qty: Qty
    cost: Money
    cash: Money


def worth(fill: Fill, instrument: Instrument) -> Money:
    """Return qty * price * multiplier of a fill, half-even, signed by its price."""
    whole, rest = divmod(fill.qty * fill.price * instrument.multiplier, SCALE)
    twice = 2 * rest
    return whole + (twice > SCALE or (twice == SCALE and whole % 2 == 1))


def signed(fill: Fill) -> Qty:
    """Return the quantity, sells negative."""
    return fill.qty if fill.side is Side.BUY else -fill.qty


NOTHING = Holding(0, 0, 0)


def tell(fills: Iterable[Fill], instrument: Instrument, before: Holding = NOTHING) -> Holding:
    """Return what fills of one instrument come to, by average cost, from what was there before them."""
    qty, cost, cash = before
    for fill in fills:
        money, change = worth(fill, instrument), signed(fill)
        realized = 0
        if qty * change >= 0:
            qty, cost = qty + change, cost + (money if change > 0 else -money)
        else:
            qty, cost, realized = _close(qty, cost, change, money)
        is_future = instrument.asset_class is AssetClass.FUTURE
        cash += (realized if is_future else (-money if change > 0 else money)) - fill.fee
    return Holding(qty, cost, cash)


def _close(qty: Qty, cost: Money, change: Qty, money: Money) -> tuple[Qty, Money, Money]:
    """Return (qty, cost, realized) after a fill against the position, and perhaps beyond it."""
    closed = min(abs(change), abs(qty))
    part = money if closed == abs(change) else money * closed // abs(change)
    released = cost if closed == abs(qty) else cost * closed // abs(qty)
    realized = (part if change < 0 else -part) - released
    left, rest = qty + (closed if change > 0 else -closed), abs(change) - closed
    if rest == 0:
        return left, cost - released, realized
    more = money - part
    return (rest, more, realized) if change > 0 else (-rest, -more, realized)
