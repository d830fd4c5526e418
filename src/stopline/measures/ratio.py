"""A share of a whole: leverage, concentration, exposure.

Rounded up, so that `share > limit` says exactly that the amount is more than that share.
"""

from stopline.model.numbers import RATIO_ONE, Money, Ratio


def share(amount: Money | None, whole: Money | None) -> Ratio | None:
    """Return amount / whole, rounded up; None if either is unknown or the whole is not more than zero."""
    if amount is None or whole is None or whole <= 0:
        return None
    return -(-amount * RATIO_ONE // whole)
