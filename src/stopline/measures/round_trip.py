"""Which part of a fill ends a trade and which begins one, and which part of its fee each bears.

Source     semantics.md section 6 (a loss is flat to flat, net).
"""

from typing import NamedTuple

from stopline.model.numbers import Money, Qty, div_half_even


class Parts(NamedTuple):
    """A fill, taken apart: unsigned quantities that closed and opened, and their shares of the fee."""

    closed: Qty
    opened: Qty
    closing_fee: Money
    opening_fee: Money


def take_apart(before: Qty, signed_qty: Qty, fee: Money) -> Parts:
    """Return what a fill did to a position of `before`; the two fees add up to the whole, exactly."""
    size = abs(signed_qty)
    closed = min(abs(before), size) if before * signed_qty < 0 else 0
    closing_fee = div_half_even(fee * closed, size) if size else 0
    return Parts(closed, size - closed, closing_fee, fee - closing_fee)
