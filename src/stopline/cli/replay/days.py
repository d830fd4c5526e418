"""Which trading day a fill belongs to.

Dates     a file that knows dates only (bare, or midnight UTC throughout) has its days as
          written: what stands at 2004-01-09 belongs to the day 2004-01-09.
Sessions  any other file has trading days from reset to reset in the account's zone, named
          by the day on which they end, as a running Stopline has them.
"""

from datetime import date
from typing import Protocol

from stopline.cli.replay.times import DAY, date_of, midnight
from stopline.model.account import AccountTerms
from stopline.model.calendar import Session
from stopline.model.numbers import SECOND, Nanos
from stopline.model.week import Week
from stopline.runtime.sessions import find_session
from stopline.runtime.weeks import week_of


class Days(Protocol):
    """A way to cut time into trading days."""

    name: str

    def of_instant(self, at: Nanos) -> Session:
        """Return the day that an instant belongs to."""

    def named(self, day: date) -> Session | None:
        """Return the trading day of that name, or None where no day has it (a Saturday)."""

    def week_of(self, session: Session) -> Week:
        """Return the trading week that a day belongs to."""


class CalendarDays:
    """Days as written: from midnight to midnight, UTC."""

    name = "date"

    def of_instant(self, at: Nanos) -> Session:
        """Return the date that an instant stands at."""
        return self.named(date_of(at))

    def named(self, day: date) -> Session:
        """Return the day of that date."""
        opens_at = midnight(day)
        return Session(day.isoformat(), opens_at, opens_at + DAY, "")

    def week_of(self, session: Session) -> Week:
        """Return the week from Monday's midnight to the next, UTC."""
        day = date.fromisoformat(session.session_id)
        opens_at = session.opens_at - day.weekday() * DAY
        return Week(date_of(opens_at).isoformat(), opens_at, opens_at + 7 * DAY, "")


class SessionDays:
    """Trading days of an account."""

    name = "session"

    def __init__(self, terms: AccountTerms) -> None:
        self._terms = terms

    def of_instant(self, at: Nanos) -> Session:
        """Return the trading day that an instant belongs to."""
        return find_session(self._terms, at)

    def named(self, day: date) -> Session | None:
        """Return the trading day that ends on that date."""
        for hours in (12, 0, 24, 36, -12):
            session = find_session(self._terms, midnight(day) + hours * 3_600 * SECOND)
            if session.session_id == day.isoformat():
                return session
        return None

    def week_of(self, session: Session) -> Week:
        """Return the week from one weekly reset to the next."""
        return week_of(self._terms, session)
