"""Trading weeks, against a walk through UTC, hour by hour, over twenty years."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from stopline.model.account import AccountTerms
from stopline.model.numbers import SECOND
from stopline.model.week import FUTURES_WEEK, MONDAY_RESET, WeekTerms
from stopline.runtime.sessions import find_session
from stopline.runtime.weeks import find_week, week_of
from tests.unit.runtime.calendars.times import at, shown

NEW_YORK = AccountTerms("a", "paper")


@pytest.mark.parametrize(
    ("moment", "week", "week_id", "opens", "resets"),
    [
        ("2026-01-06T15:00Z", MONDAY_RESET, "2026-01-05", "2026-01-05T22:00Z", "2026-01-12T22:00Z"),
        ("2026-01-12T21:59Z", MONDAY_RESET, "2026-01-05", "2026-01-05T22:00Z", "2026-01-12T22:00Z"),
        ("2026-01-12T22:00Z", MONDAY_RESET, "2026-01-12", "2026-01-12T22:00Z", "2026-01-19T22:00Z"),
        ("2026-03-09T20:59Z", MONDAY_RESET, "2026-03-02", "2026-03-02T22:00Z", "2026-03-09T21:00Z"),
        ("2026-01-11T22:59Z", FUTURES_WEEK, "2026-01-04", "2026-01-04T23:00Z", "2026-01-11T23:00Z"),
        ("2026-01-11T23:00Z", FUTURES_WEEK, "2026-01-11", "2026-01-11T23:00Z", "2026-01-18T23:00Z"),
    ],
    ids=["a Tuesday", "before the reset", "at the reset", "clocks go forward", "a Sunday", "at the reset of futures"],
)
def test_weeks(moment: str, week: WeekTerms, week_id: str, opens: str, resets: str):
    found = find_week(replace(NEW_YORK, weekly_reset=week), at(moment))
    assert (found.week_id, shown(found.opens_at), shown(found.resets_at)) == (week_id, opens, resets)


@pytest.mark.parametrize(
    ("week", "zone", "weekday", "clock"),
    [(MONDAY_RESET, "America/New_York", 0, "17:00"), (FUTURES_WEEK, "America/Chicago", 6, "17:00")],
    ids=["Monday", "futures"],
)
def test_twenty_years_of_weeks(week: WeekTerms, zone: str, weekday: int, clock: str):
    """Every hour of UTC at which the wall shows the reset is one, and there is no other."""
    moment, end = datetime(2008, 1, 7, tzinfo=UTC), datetime(2028, 1, 3, tzinfo=UTC)
    wall = ZoneInfo(zone)
    resets = []
    while moment < end:
        local = moment.astimezone(wall)
        if local.weekday() == weekday and f"{local:%H:%M}" == clock:
            resets.append(int(moment.timestamp()) * SECOND)
        moment += timedelta(hours=1)
    assert 1040 < len(resets) < 1045
    for opens, closes in pairwise(resets):
        for inside in (opens, (opens + closes) // 2, closes - 1):
            found = find_week(replace(NEW_YORK, weekly_reset=week), inside)
            assert (found.opens_at, found.resets_at) == (opens, closes)


def test_a_reset_at_midnight_ends_monday():
    terms = AccountTerms("a", "paper", reset_time="00:00", reset_zone="UTC")
    found = find_week(terms, at("2026-01-06T00:00Z"))
    assert (found.week_id, shown(found.opens_at)) == ("2026-01-05", "2026-01-06T00:00Z")
    assert find_week(terms, at("2026-01-05T23:59Z")).week_id == "2025-12-29"


@pytest.mark.parametrize(
    ("day", "week", "week_id", "resets"),
    [
        ("2026-01-09T15:00Z", MONDAY_RESET, "2026-01-05", "2026-01-12T22:00Z"),
        ("2026-01-12T15:00Z", MONDAY_RESET, "2026-01-05", "2026-01-12T22:00Z"),
        ("2026-01-09T15:00Z", FUTURES_WEEK, "2026-01-04", "2026-01-11T23:00Z"),
        ("2026-01-12T02:00Z", FUTURES_WEEK, "2026-01-11", "2026-01-18T23:00Z"),
        ("2026-01-12T15:00Z", FUTURES_WEEK, "2026-01-11", "2026-01-18T23:00Z"),
    ],
    ids=["a Friday", "a Monday", "a Friday of futures", "a Sunday evening of futures", "a Monday of futures"],
)
def test_a_trading_day_is_of_the_week_in_which_it_ends(day: str, week: WeekTerms, week_id: str, resets: str):
    terms = replace(NEW_YORK, weekly_reset=week)
    found = week_of(terms, find_session(terms, at(day)))
    assert (found.week_id, shown(found.resets_at)) == (week_id, resets)
