"""Within which marks nothing has to be said of an account: no breaker, and nothing that its rules say, can change.

What is left to the nearest bound (the daily loss, and what the rules call quiet) is shared out
evenly among the instruments that are held, as if all of them moved against it at once. So each
mark may move within its own band, whatever the others do within theirs.

Kept beside the armed checks: forgotten with them when a limit or a rule changes, and whenever
anything happens to the account.

Source     performance.md P10; semantics.md sections 4 (breakers) and 6 (evaluated on every usable quote).
"""

from typing import Final, TypeAlias

from stopline.measures.exposure import VALUE_SCALE
from stopline.model.ids import InstrumentId
from stopline.model.limits import Limits
from stopline.model.numbers import Money, Price
from stopline.model.quiet import Quiet
from stopline.state.account import AccountState
from stopline.state.valuing import UNCOUNTABLE

Bands: TypeAlias = dict[InstrumentId, tuple[Price, Price]]
"""The lowest and the highest mark, both included."""
_BANDS: Final = "bands"
"""Where an account keeps them; no instrument has such an id."""


def in_band(account: AccountState, instrument_id: InstrumentId, mark: Price | None) -> bool:
    """Return whether a mark leaves the account where it was found last."""
    bands: Bands | None = account.armed.get(_BANDS)
    if bands is None or mark is None:
        return False
    band = bands.get(instrument_id)
    return band is not None and band[0] <= mark <= band[1]


def drop_bands(account: AccountState) -> None:
    """Something happened to the account: it is looked at again at the next quote."""
    account.armed.pop(_BANDS, None)


def set_bands(account: AccountState, limits: Limits, quiet: Quiet) -> None:
    """Note the bands of an account that was looked at just now."""
    found = _bands(account, limits, quiet)
    if found:
        account.armed[_BANDS] = found


def _bands(account: AccountState, limits: Limits, quiet: Quiet) -> Bands:
    valuation = account.valuation
    if valuation.unmarked:
        return {}
    equity = account.cash + valuation.market_value
    least, most = _bounds(account, limits, quiet)
    held = sum(1 for position in account.positions.values() if position.qty)
    if not least <= equity <= most:
        return {}
    down, up = (equity - least) // max(held, 1), (most - equity) // max(held, 1)
    bands: Bands = {}
    for instrument_id, value in valuation.by_instrument.items():
        if value.mark is None:
            continue
        worth = account.positions[instrument_id].qty * value.worth_of_mark
        if abs(worth * value.mark) * 2 > UNCOUNTABLE:
            return {}
        low, high = (down, up) if worth > 0 else (up, down)
        bands[instrument_id] = _around(value.mark, abs(worth), low, high)
    for instrument_id, lowest, highest in quiet.marks:
        if instrument_id in bands:
            low, high = bands[instrument_id]
            bands[instrument_id] = (max(low, lowest), min(high, highest))
    return bands


def _bounds(account: AccountState, limits: Limits, quiet: Quiet) -> tuple[Money, Money]:
    """Return the least and the most equity at which nothing has to be said."""
    least, most, day = quiet.least_equity, quiet.most_equity, account.day
    if day.baseline is not None:
        start = day.baseline + day.transfers
        if limits.daily_loss is not None and limits.enabled:
            least = max(least, start - limits.daily_loss + 1)
        least, most = max(least, start + quiet.least_pnl), min(most, start + quiet.most_pnl)
    return least, most


def _around(mark: Price, worth: int, down: Money, up: Money) -> tuple[Price, Price]:
    """Return how far a mark may go until the position has lost `down` or made `up`; never beyond zero, or twice itself.

    Money is rounded to the nearest: one of its smallest units is left aside for that.
    """
    lowest, highest = mark - abs(mark), mark + abs(mark)
    if not worth:
        return lowest, highest
    return max(lowest, mark - _way(down, worth)), min(highest, mark + _way(up, worth))


def _way(money: Money, worth: int) -> Price:
    return max(money - 1, 0) * VALUE_SCALE // worth
