"""Trading days: from reset to reset in an account's zone, named by the day on which they end.

Resets fall on Monday to Friday; what would end on a Saturday or Sunday belongs to
Monday's trading day. A reset at midnight ends the day before it. Where the clock jumps
over the reset's local time, the reset comes as much later as the clock jumped; where
that time comes twice, the first one counts.

Source     semantics.md section 1 (trading day); reliability.md F31; PEP 495.
"""

from datetime import UTC, date, datetime, time, timedelta

from stopline.model.account import AccountTerms
from stopline.model.calendar import Session
from stopline.model.numbers import SECOND, Nanos
from stopline.runtime.zones import TZDATA_VERSION, load_zone

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)
_SATURDAY = 5


def find_session(terms: AccountTerms, at: Nanos) -> Session:
    """Return the trading day that an account is in at `at`. An instant of reset begins the next."""
    local = datetime.fromtimestamp(at // SECOND, load_zone(terms.reset_zone))
    day = _next_trading_day(local.date() - 2 * _DAY)
    while (resets_at := end_of(day, terms)) <= at:
        day = _next_trading_day(day + _DAY)
    opens_at = end_of(_trading_day_before(day), terms)
    return Session(day.isoformat(), opens_at, resets_at, TZDATA_VERSION)


def end_of(day: date, terms: AccountTerms) -> Nanos:
    """Return the instant at which trading day `day` ends."""
    reset = time.fromisoformat(terms.reset_time)
    ends_on = day + _DAY if reset == time(0) else day
    local = datetime.combine(ends_on, reset, load_zone(terms.reset_zone))
    return (local.astimezone(UTC) - _EPOCH) // timedelta(microseconds=1) * 1000


def _next_trading_day(day: date) -> date:
    """Return `day`, or the Monday after it if it is no weekday."""
    while day.weekday() >= _SATURDAY:
        day += _DAY
    return day


def _trading_day_before(day: date) -> date:
    day -= _DAY
    while day.weekday() >= _SATURDAY:
        day -= _DAY
    return day
