"""Trading weeks: from one weekly reset to the next, in a named zone.

By default a week ends at Monday's daily reset; futures packs end it on Sunday at 17:00
Chicago time (`FUTURES_WEEK`), which no daily reset may fall on. A trading day is of the
week in which it ends: what is traded on Sunday evening is of the new one. Changes of the
clocks are treated as in trading days.

Source     semantics.md section 1 (weekly reset); reliability.md F31.
"""

from datetime import date, datetime, timedelta

from msgspec.structs import replace

from stopline.model.account import AccountTerms
from stopline.model.calendar import Session
from stopline.model.numbers import SECOND, Nanos
from stopline.model.week import Week
from stopline.runtime.sessions import end_of
from stopline.runtime.zones import TZDATA_VERSION, load_zone

_WEEK = timedelta(days=7)


def week_of(terms: AccountTerms, session: Session) -> Week:
    """Return the trading week that a trading day counts in."""
    return find_week(terms, session.resets_at - 1)


def find_week(terms: AccountTerms, at: Nanos) -> Week:
    """Return the trading week that an account is in at `at`. An instant of reset begins the next."""
    week = terms.weekly_reset
    zone, time = week.reset_zone or terms.reset_zone, week.reset_time or terms.reset_time
    terms = replace(terms, reset_zone=zone, reset_time=time)
    today = datetime.fromtimestamp(at // SECOND, load_zone(zone)).date()
    begins = _last(today + timedelta(days=1), week.weekday)
    while end_of(begins, terms) > at:
        begins -= _WEEK
    return Week(begins.isoformat(), end_of(begins, terms), end_of(begins + _WEEK, terms), TZDATA_VERSION)


def _last(day: date, weekday: int) -> date:
    """Return the last such weekday that is not after `day`."""
    return day - timedelta(days=(day.weekday() - weekday) % 7)
