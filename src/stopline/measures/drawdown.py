"""Where the floor under an account's equity is.

    static        start - limit
    end of day    highest equity at the end of a day - limit
    intraday      highest equity at any instant, open profit included - limit

A trailing floor never falls, and with a lock level it stays there once it has come up to it.

Source     semantics.md sections 6 (`max_drawdown`) and 9 (transfers shift all alike).
"""

from stopline.model.numbers import Money


def drawdown_floor(start: Money, peak: Money, loss_limit: Money, lock_level: Money | None) -> Money:
    """Return the floor; for a static one the peak is the start. A lock level below the first floor lifts nothing."""
    first = start - loss_limit
    floor = max(peak, start) - loss_limit
    if lock_level is not None:
        floor = min(floor, lock_level)
    return max(floor, first)
