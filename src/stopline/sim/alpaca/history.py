"""Portfolio history: equity at the end of each stretch of time in which there were quotes."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from stopline.dialects.alpaca.exact_json import Malformed
from stopline.dialects.alpaca.history import PortfolioHistory
from stopline.dialects.alpaca.query import moment, one_of
from stopline.model.numbers import RATIO_ONE, SECOND, Money, Nanos, Ratio, div_half_even
from stopline.sim.alpaca.book import Book
from stopline.sim.alpaca.hours import Hours

MINUTE: Final[Nanos] = 60 * SECOND
FRAMES: Final[dict[str, Nanos]] = {"1Min": 1, "5Min": 5, "15Min": 15, "1H": 60, "1D": 1440}
_DAYS: Final = {"D": 1, "W": 7, "M": 31, "A": 366}


def find_history(book: Book, hours: Hours, query: Mapping[str, str], at: Nanos) -> PortfolioHistory:
    """Return the history that a query asks for; raises Malformed."""
    period = _period(query.get("period", "") or "1M")
    frame = one_of(query, "timeframe", tuple(FRAMES), _usual_frame(period))
    until = moment(query, "end") or at
    since = moment(query, "start")
    since = until - period if since is None else since
    stretch = FRAMES[frame] * MINUTE
    points: dict[Nanos, Money] = {}
    for minute, equity in book.equities:
        if since <= minute <= until:
            begin = _day(hours, minute) if frame == "1D" else minute // stretch * stretch
            points[begin] = equity  # the last one of a stretch stays
    base = book.last_equity if period <= FRAMES["1D"] * MINUTE else book.opening_cash
    gains = [equity - base for equity in points.values()]
    return PortfolioHistory(
        timeframe=frame,
        timestamp=tuple(begin // SECOND for begin in points),
        equity=tuple(points.values()),
        profit_loss=tuple(gains),
        profit_loss_pct=tuple(_share(gain, base) for gain in gains),
        base_value=base,
    )


def _day(hours: Hours, at: Nanos) -> Nanos:
    local = hours.local(at)
    return int((local - timedelta(hours=local.hour, minutes=local.minute, seconds=local.second)).timestamp()) * SECOND


def _share(gain: Money, base: Money) -> Ratio | None:
    return div_half_even(gain * RATIO_ONE, base) if base > 0 else None


def _usual_frame(period: Nanos) -> str:
    days = period // (FRAMES["1D"] * MINUTE)
    return "1Min" if days < 7 else "15Min" if days < 30 else "1D"


def _period(text: str) -> Nanos:
    number, unit = text[:-1], text[-1:].upper()
    if not (number.isascii() and number.isdigit() and len(number) < 4 and unit in _DAYS):
        raise Malformed("period: must be a number and D, W, M or A, such as 1M")
    return int(number) * _DAYS[unit] * FRAMES["1D"] * MINUTE
