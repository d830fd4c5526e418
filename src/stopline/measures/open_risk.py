"""What would be lost if every stop were hit: down to the stop, or by a stress move where there is none.

Source     semantics.md section 5 (15, `open_risk`).
"""

from stopline.model.numbers import RATIO_ONE, Money, Qty, Ratio


def loss_of_holding(qty: Qty, value: Money, stop_qty: Qty, stop_money: Money, stress: Ratio | None) -> Money | None:
    """Return what a holding would lose down to its stops.

    `value` is its worth at the mark, `stop_money` what its stops would fetch (or cost, for
    a short). Stops cover as much as they are for, at their average; a stop beyond the mark
    loses nothing. None if some of it has no stop and nobody knows its stress move.
    """
    size, worth = abs(qty), abs(value)
    if size == 0:
        return 0
    covered = min(size, stop_qty)
    loss = 0
    if covered:
        # A long loses what its stop fetches less than the mark, a short what it costs more.
        if qty > 0:
            loss = -(-worth * covered // size) - stop_money * covered // stop_qty
        else:
            loss = -(-stop_money * covered // stop_qty) - worth * covered // size
        loss = max(loss, 0)
    if covered == size:
        return loss
    return None if stress is None else loss + stressed(-(-worth * (size - covered) // size), stress)


def stressed(money: Money, stress: Ratio) -> Money:
    """Return what a stress move takes from an amount, rounded up."""
    return -(-abs(money) * stress // RATIO_ONE)


def entry_share(money: Money, working: Qty, exits: Qty) -> Money:
    """Return the part of working orders' money that entries hold, rounded up."""
    if exits <= 0 or working <= 0:
        return money
    return -(-money * max(working - exits, 0) // working)
