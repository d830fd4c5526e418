"""The average price of a holding, and prices on the tick grid."""

from stopline.measures.exposure import VALUE_SCALE
from stopline.model.numbers import Money, Multiplier, Price, Qty, div_half_even


def average_price(money: Money, qty: Qty, multiplier: Multiplier) -> Price | None:
    """Return money per unit, rounded half-even; both are signed alike. None where nothing is held or filled."""
    if qty == 0 or multiplier == 0:
        return None
    price = div_half_even(abs(money) * VALUE_SCALE, abs(qty) * multiplier)
    return -price if (money < 0) != (qty < 0) else price


def on_grid(price: Price, tick_size: Price, *, up: bool) -> Price:
    """Return the nearest price on the tick grid that is not below (`up`), or not above."""
    return -(-price // tick_size) * tick_size if up else price // tick_size * tick_size
