"""How much to trade: a share of equity in the position, or so much that a stop costs what may be lost.

    by value   qty = amount / (|entry| * multiplier)
    by risk    qty = amount / (distance to the stop * multiplier)

Rounded down to the lot, so that the amount is never passed; fees and slippage are not in
it. A size is a wish: what every limit lets through is the gate's to say.

Source     issue 5 (fixed fraction, ATR, risk per trade); libraries.md (Wilder's ATR).
"""

from stopline.measures.exposure import VALUE_SCALE
from stopline.model.numbers import MAX_SCALED, RATIO_ONE, Money, Multiplier, Price, Qty, Ratio, div_ceil


def amount_of(share: Ratio, equity: Money) -> Money:
    """Return a share of equity, rounded down; nothing of an equity that is not above zero."""
    return max(equity, 0) * share // RATIO_ONE


def to_lot(qty: Qty, lot: Qty) -> Qty:
    """Return a quantity rounded down to the lot, and no larger than a quantity can be."""
    return min(qty, MAX_SCALED) // lot * lot


def qty_for(amount: Money, per_unit: Price, multiplier: Multiplier, lot: Qty) -> Qty:
    """Return the most lots of which `per_unit` (a price, or a distance of prices) takes no more than `amount`."""
    if per_unit <= 0 or amount <= 0:
        return 0
    return to_lot(amount * VALUE_SCALE // (per_unit * multiplier), lot)


def stop_distance(atr: Price, times: Ratio, tick: Price) -> Price:
    """Return so many average true ranges, rounded up to the tick."""
    return div_ceil(div_ceil(atr * times, RATIO_ONE), tick) * tick
