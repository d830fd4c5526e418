"""An account's own trading hours around an instant, in UTC: local hours on some weekdays, in its zone.

A stretch that a clock change takes away is no stretch; where a local time comes twice, the first one counts.

Source     semantics.md section 6 (009); PEP 495.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from stopline.model.account import AccountTerms
from stopline.model.market_hours import LocalSpan, MarketSpan
from stopline.model.numbers import SECOND, Nanos
from stopline.model.rules import SessionBlockTerms
from stopline.runtime.zones import load_zone

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DAY: Final = timedelta(days=1)
_DAYS_AROUND: Final = range(-1, 9)
"""From yesterday, whose stretch may reach into today, to over a week: the next opening is among them."""


def own_hours(terms: AccountTerms, block: SessionBlockTerms | None, at: Nanos) -> tuple[MarketSpan, ...]:
    """Return the stretches around `at`, oldest first; none where nobody set hours."""
    if block is None:
        return ()
    today = datetime.fromtimestamp(at // SECOND, load_zone(terms.reset_zone)).date()
    days = (today + number * _DAY for number in _DAYS_AROUND)
    spans = (_span(terms, day, each) for day in days if day.weekday() in block.weekdays for each in block.hours)
    return tuple(span for span in spans if span.opens_at < span.closes_at)


def _span(terms: AccountTerms, day: date, span: LocalSpan) -> MarketSpan:
    return MarketSpan(_instant(terms, day, span.opens_min), _instant(terms, day, span.closes_min))


def _instant(terms: AccountTerms, day: date, minutes: int) -> Nanos:
    days, rest = divmod(minutes, 24 * 60)
    local = datetime.combine(day + days * _DAY, time(rest // 60, rest % 60), load_zone(terms.reset_zone))
    return (local.astimezone(UTC) - _EPOCH) // timedelta(microseconds=1) * 1000
