"""What the shipped calendars say on the days on which libraries are wrong, and around changes of the clocks."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stopline.config.settings import HoursOverride
from stopline.model.market_hours import DayKind, parse_hours
from stopline.model.numbers import SECOND
from stopline.runtime.calendars import CalendarBook, OutOfRange
from stopline.runtime.calendars.table import read_index, read_table
from tests.unit.runtime.calendars.times import at, shown

BOOK = CalendarBook()
MARKETS = list(read_index())


def hours(market: str, day: str) -> tuple[str, str, str]:
    """Return a day's spans in its own zone, its kind and its note."""
    calendar = BOOK.calendar(market)
    found = calendar.day(date.fromisoformat(day))
    zone = ZoneInfo(calendar.table.zone)
    spans = [
        f"{datetime.fromtimestamp(each // SECOND, zone):%d %H:%M}"
        for span in found.spans
        for each in (span.opens_at, span.closes_at)
    ]
    return " ".join(spans), str(found.kind), found.note


@pytest.mark.parametrize(
    ("market", "day", "spans", "kind", "note"),
    [
        # libraries.md, section 4, trap 1.
        ("cme_equity", "2026-11-24", "23 17:00 24 16:00", "usual", ""),
        ("cme_equity", "2026-04-03", "02 17:00 03 08:15", "early_close", "Good Friday"),
        ("cme_equity", "2026-11-27", "26 17:00 27 12:15", "early_close", "day after Thanksgiving"),
        ("cme_equity", "2021-06-25", "24 17:00 25 15:15 25 15:30 25 16:00", "usual", ""),
        ("cme_equity", "2021-06-28", "27 17:00 28 16:00", "usual", ""),
        # The last day that closed at 16:15, and the days on which it began to.
        ("cme_equity", "2015-09-18", "17 17:00 18 15:15 18 15:30 18 16:15", "usual", ""),
        ("cme_equity", "2015-09-21", "20 17:00 21 15:15 21 15:30 21 16:00", "usual", ""),
        ("cme_equity", "2012-11-16", "15 15:30 15 16:30 15 17:00 16 15:15", "usual", ""),
        ("cme_equity", "2012-11-12", "11 17:00 12 15:15", "usual", ""),
        ("cme_equity", "2024-03-29", "", "closed", "Good Friday"),
        ("cme_equity", "2018-12-05", "04 17:00 05 08:30", "early_close", "mourning of President Bush"),
        ("cme_rates", "2018-12-05", "", "closed", "mourning of President Bush"),
        ("cme_rates", "2026-04-03", "02 17:00 03 10:15", "early_close", "Good Friday"),
        ("cme_energy_metals", "2013-07-04", "03 17:00 04 12:15", "early_close", "Independence Day"),
        ("cme_energy_metals", "2026-04-03", "", "closed", "Good Friday"),
        ("cme_energy_metals", "2026-11-27", "26 17:00 27 13:45", "early_close", "day after Thanksgiving"),
        ("cme_fx", "2024-07-04", "03 17:00 04 16:00", "usual", ""),
        ("cme_crypto", "2026-05-22", "21 17:00 22 16:00", "usual", ""),
        ("cme_crypto", "2026-12-25", "25 00:00 26 00:00", "usual", ""),
        ("cbot_grains", "2026-11-27", "27 08:30 27 12:00", "special", "day after Thanksgiving"),
        ("cbot_grains", "2026-11-24", "23 19:00 24 07:45 24 08:30 24 13:20", "usual", ""),
        ("us_equities", "2026-11-27", "27 09:30 27 13:00", "early_close", "day after Thanksgiving"),
        ("us_equities", "2001-09-13", "", "closed", "September 11 attacks"),
        ("us_equities", "2002-09-11", "11 12:00 11 16:00", "late_open", "September 11, a year after"),
        ("us_equities", "2025-01-09", "", "closed", "mourning of President Carter"),
        ("asx", "2026-01-26", "", "closed", "Australia Day"),
        ("asx", "2022-12-23", "23 10:00 23 14:10", "early_close", "Christmas Eve, observed"),
        ("asx", "2022-09-22", "", "closed", "mourning of Queen Elizabeth II"),
        ("forex", "2026-12-25", "", "closed", "Christmas"),
        ("forex", "2026-11-23", "22 17:00 23 17:00", "usual", ""),
        ("cfe", "2026-11-23", "23 08:30 23 15:15", "usual", ""),
    ],
)
def test_days(market: str, day: str, spans: str, kind: str, note: str):
    assert hours(market, day) == (spans, kind, note)


@pytest.mark.parametrize(
    ("market", "moment", "is_open", "opens", "closes"),
    [
        ("cme_equity", "2026-11-27T18:14Z", True, "2026-11-29T23:00Z", "2026-11-27T18:15Z"),
        ("cme_equity", "2026-11-27T18:15Z", False, "2026-11-29T23:00Z", "2026-11-30T22:00Z"),
        # The maintenance hour; the halt of 2013, to the minute.
        ("cme_equity", "2026-11-24T22:00Z", False, "2026-11-24T23:00Z", "2026-11-25T22:00Z"),
        ("cme_equity", "2013-10-08T20:15Z", False, "2013-10-08T20:30Z", "2013-10-08T21:15Z"),
        ("cme_equity", "2013-10-08T20:30Z", True, "2013-10-08T22:00Z", "2013-10-08T21:15Z"),
        # Forex is open from Sunday to Friday: evenings in between close nothing.
        ("forex", "2026-11-18T00:00Z", True, "2026-11-22T22:00Z", "2026-11-20T22:00Z"),
        ("forex", "2026-11-20T22:00Z", False, "2026-11-22T22:00Z", "2026-11-27T22:00Z"),
        ("cme_crypto", "2026-11-21T06:00Z", True, None, None),
        # Clocks change: Chicago on Sunday 2026-03-08, New York then too, Sydney on 2026-04-05.
        ("cme_equity", "2026-03-07T12:00Z", False, "2026-03-08T22:00Z", "2026-03-09T21:00Z"),
        ("us_equities", "2026-03-06T22:00Z", False, "2026-03-09T13:30Z", "2026-03-09T20:00Z"),
        ("us_equities", "2026-10-30T21:00Z", False, "2026-11-02T14:30Z", "2026-11-02T21:00Z"),
        ("asx", "2026-04-02T12:00Z", False, "2026-04-07T00:00Z", "2026-04-07T06:00Z"),
        ("asx", "2026-10-02T12:00Z", False, "2026-10-04T23:00Z", "2026-10-05T05:00Z"),
        ("us_equities", "2024-02-29T15:00Z", True, "2024-03-01T14:30Z", "2024-02-29T21:00Z"),
    ],
)
def test_now(market: str, moment: str, is_open: bool, opens: str | None, closes: str | None):
    calendar, now = BOOK.calendar(market), at(moment)
    assert calendar.is_open(now) is is_open
    assert (shown(calendar.next_open(now)), shown(calendar.next_close(now))) == (opens, closes)
    assert shown(calendar.next_change(now)) == (closes if is_open else opens)


@pytest.mark.parametrize("market", MARKETS)
def test_every_day_is_in_order_and_inside_itself(market: str):
    """Stretches follow one another over 28 years, whatever the clocks do."""
    calendar = BOOK.calendar(market)
    day, last_close = calendar.first, 0
    while day <= calendar.last:
        for span in calendar.day(day).spans:
            assert last_close <= span.opens_at < span.closes_at, day
            last_close = span.closes_at
        day += timedelta(days=1)
    assert read_table(market).first in ("2000-01-01", "2017-12-18")
    assert read_table(market).last == "2027-12-31"


@given(st.sampled_from(MARKETS), st.integers(at("2018-01-02T00:00Z") // SECOND, at("2027-12-01T00:00Z") // SECOND))
def test_open_is_being_in_a_stretch_and_a_change_is_the_next_one(market: str, second: int):
    """Against the plain list of stretches."""
    calendar, now = BOOK.calendar(market), second * SECOND
    local = datetime.fromtimestamp(second, UTC).date()
    spans = [span for offset in range(-2, 16) for span in calendar.day(local + timedelta(days=offset)).spans]
    is_open = any(span.opens_at <= now < span.closes_at for span in spans)
    assert calendar.is_open(now) is is_open
    change = calendar.next_change(now)
    if change is not None:
        assert calendar.is_open(change) is not is_open and calendar.is_open(change - 1) is is_open
        edges = {edge for span in spans for edge in (span.opens_at, span.closes_at) if now < edge < change}
        assert all(any(span.opens_at <= edge < span.closes_at for span in spans) is is_open for edge in edges)


def test_what_the_calendar_does_not_reach_is_not_guessed():
    calendar = BOOK.calendar("us_equities")
    with pytest.raises(OutOfRange, match="2028-01-03 is not in the calendar of us_equities"):
        calendar.day(date(2028, 1, 3))
    for moment in ("2028-01-03T15:00Z", "1999-06-01T15:00Z"):
        with pytest.raises(OutOfRange):
            calendar.is_open(at(moment))
    assert calendar.is_open(at("2027-12-31T15:00Z")), "the last day is there"
    assert shown(calendar.next_close(at("2027-12-31T15:00Z"))) == "2027-12-31T21:00Z"
    with pytest.raises(OutOfRange):
        calendar.next_open(at("2027-12-31T15:00Z"))


def test_the_configuration_knows_better():
    calendar = CalendarBook(
        {
            "us_equities": {
                "2026-11-27": HoursOverride((), "storm"),
                "2026-11-28": HoursOverride(parse_hours("10:00 12:00")),
                "2028-01-03": HoursOverride(parse_hours("09:30 16:00")),
            }
        }
    ).calendar("us_equities")
    friday, saturday = (calendar.day(date(2026, 11, day)) for day in (27, 28))
    assert (friday.spans, friday.kind, friday.note, friday.is_override) == ((), DayKind.CLOSED, "storm", True)
    assert saturday.kind is DayKind.SPECIAL and saturday.is_override
    assert shown(calendar.next_open(at("2026-11-25T22:00Z"))) == "2026-11-28T15:00Z"
    assert calendar.day(date(2028, 1, 3)).kind is not DayKind.CLOSED, "a day after the end can be stated"
    assert not BOOK.calendar("us_equities").day(date(2026, 11, 27)).is_override
