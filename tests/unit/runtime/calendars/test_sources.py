"""The shipped calendars against real minutes, and day by day against a source that needs no library.

The libraries that they are made from are compared by `make test-calendars`; here LEAN's
market hours are read from the real data beside the project. Every day on which LEAN says
otherwise must stand in the page of differences, with what ships.
"""

import csv
import gzip
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from stopline.model.numbers import SECOND
from stopline.runtime.calendars import CalendarBook
from stopline.runtime.calendars.table import read_index, read_table
from tests.market_files import MARKET, REFERENCE, ROOT, needs_data
from tools.calendars.lean import read_lean
from tools.calendars.markets import MARKETS
from tools.calendars.verdicts import Verdict

CHICAGO = ZoneInfo("America/Chicago")
PAGE = ROOT / "docs/calendars-differences.md"
BOOK = CalendarBook()


@needs_data
def test_the_real_minutes_of_es_trade_inside_the_calendar_and_fill_it():
    """Three months of 2013: nothing trades outside, and every open half hour of a usual day has trades."""
    calendar = BOOK.calendar("cme_equity")
    traded: Counter[datetime] = Counter()
    with gzip.open(MARKET / "es_minutes_2013.csv.gz", "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["volume"]:
                traded[datetime.fromisoformat(row["ts_utc"])] += 1
    assert len(traded) > 1000
    outside = [minute for minute in traded if not calendar.is_open(int(minute.timestamp()) * SECOND)]
    assert outside == []
    local = Counter(minute.astimezone(CHICAGO).strftime("%H:%M") for minute in traded)
    assert not [f"15:{minute}" for minute in range(15, 30) if local[f"15:{minute}"]], "the halt"
    assert not [clock for clock in local if "16:15" <= clock < "17:00"], "the maintenance"
    assert local["15:14"] and local["15:30"] and local["16:14"] and local["17:00"]


def _shipped(market: str, day: date) -> Verdict:
    """Return what ships, as a source would say it."""
    calendar = BOOK.calendar(market)
    found = calendar.day(day)
    if str(found.kind) == "usual":
        return Verdict()
    if not found.spans:
        return Verdict(closed=True)
    last = datetime.fromtimestamp(found.spans[-1].closes_at // SECOND, calendar.zone)
    return Verdict(closes=f"{last:%H:%M}")


@needs_data
@pytest.mark.parametrize("market", [each for each in MARKETS if each.lean], ids=lambda each: each.name)
def test_lean_agrees_or_the_page_says_why_not(market):
    page = PAGE.read_text("utf-8").partition(f"(`{market.name}`)")[2].partition("\n## ")[0]
    votes = read_lean(REFERENCE / "market_hours.json", market.lean, market.zone)
    assert len(votes) > 30
    agreed = 0
    for day, vote in votes.items():
        shipped = _shipped(market.name, day)
        usual_close = market.week_of(day)[day.weekday()].rpartition(" ")[2]
        said = Verdict() if vote.closes == usual_close else vote
        if (said.closed and shipped.closed) or (said.closed, said.closes) == (shipped.closed, shipped.closes):
            agreed += 1
        else:
            assert day.isoformat() in page, f"{day}: LEAN says {vote}, {shipped} ships, and the page is silent"
    assert agreed > 0.8 * len(votes) or market.name == "forex"


def test_the_tables_are_of_one_version_and_say_what_they_were_made_from():
    tables = [read_table(name) for name in read_index()]
    assert len({table.version for table in tables}) == 1
    assert all(
        {"exchange-calendars", "pandas-market-calendars", "tzdata"} == table.made_from.keys() for table in tables
    )
    assert f"Version {tables[0].version}," in PAGE.read_text("utf-8")


def test_the_calendars_reach_a_year_ahead():
    """A release whose calendar ends soon denies every entry of those who armed session_hours."""
    soon = datetime(2026, 11, 21, tzinfo=UTC).date() + timedelta(days=400)
    assert all(date.fromisoformat(read_table(name).last) >= soon for name in read_index())


@pytest.mark.parametrize("market", MARKETS, ids=lambda each: each.name)
def test_deviations_are_named_and_differ(market):
    """No row repeats the usual hours."""
    calendar = BOOK.calendar(market.name)
    for day in read_table(market.name).days:
        assert str(calendar.day(date.fromisoformat(day)).kind) != "usual", day
