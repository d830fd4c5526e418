"""A trading year in simulated time: four accounts in four zones, the real engine, loop and timers, the year 2024.

It has a leap day, every change of the clocks in New York, Chicago, Sydney and London, the
ends of two years, and the half days of New York. Each account holds a share from the first
day to the last. What the days must be is calculated here by walking through UTC minute by
minute of the wall, with the system's own zones, and shares nothing with what runs.
"""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from stopline.messages import inputs as i
from stopline.messages.events import InstrumentListed, SessionOpened
from stopline.messages.upcast import decode_events
from stopline.model.account import AccountTerms
from stopline.model.fill import Fill
from stopline.model.instrument import InstrumentStatus
from stopline.model.limits import Limits
from stopline.model.numbers import PRICE_ONE, QTY_ONE, SECOND
from stopline.model.order import Side
from stopline.runtime.calendars import CalendarBook
from stopline.runtime.hours import MarketHours
from stopline.runtime.sessions import find_session
from stopline.runtime.timers import Timers
from tests.unit.runtime.rig import AAPL, CAPABILITIES, HandClock, Rig, quote

FIRST, LAST = datetime(2023, 12, 27, 15, tzinfo=UTC), datetime(2025, 1, 8, 15, tzinfo=UTC)
CASH = 100_000
ACCOUNTS = {
    "paper": ("America/New_York", "17:00"),
    "chicago": ("America/Chicago", "17:00"),
    "sydney": ("Australia/Sydney", "07:00"),
    "london": ("Europe/London", "00:00"),
}
HOLIDAYS = """
    2024-01-01 2024-01-15 2024-02-19 2024-03-29 2024-05-27 2024-06-19 2024-07-04 2024-09-02 2024-11-28 2024-12-25
    2025-01-01
""".split()
HALF_DAYS = ("2024-07-03", "2024-11-29", "2024-12-24")


def nanos(moment: datetime) -> int:
    return int(moment.timestamp()) * SECOND


def price_at(at: int) -> int:
    """Some price that is another one at every reset."""
    return 100 + at // (3_600 * SECOND) % 89


def resets_by_walking(zone: str, clock: str, first: datetime, last: datetime) -> list[tuple[str, int]]:
    """Every (day that ends, instant) at which the wall shows the reset, Monday to Friday."""
    wall, moment, found = ZoneInfo(zone), first.replace(minute=0), []
    while moment < last:
        local = moment.astimezone(wall)
        ends = local.date() - timedelta(days=1) if clock == "00:00" else local.date()
        if f"{local:%H:%M}" == clock and ends.weekday() < 5:
            found.append((ends.isoformat(), nanos(moment)))
        moment += timedelta(hours=1)
    return found


class Year:
    """The system, and the way through the year."""

    def __init__(self) -> None:
        self.rig = Rig(clock=HandClock(nanos(FIRST)))
        self.hours = MarketHours(self.rig.loop.tell, lambda: self.rig.state, self.rig.clock.at, CalendarBook())
        self.timers = Timers(self.rig.loop.tell, lambda: self.rig.state, self.rig.clock)

    async def start(self) -> None:
        rig = self.rig
        await rig.start(Limits(session_hours=True))
        for name, (zone, clock) in list(ACCOUNTS.items())[1:]:
            terms = AccountTerms(name, "paper", reset_zone=zone, reset_time=clock, opening_cash=CASH * PRICE_ONE)
            await rig.loop.ask(i.OpenAccount(terms=terms))
            await rig.loop.ask(i.SessionScheduled(account=name, session=find_session(terms, rig.clock.now)))
        rig.loop.tell(i.BrokerConnected(broker="paper", capabilities=CAPABILITIES))
        for name in ACCOUNTS:
            rig.loop.tell(
                i.AccountReconciled(broker="paper", account=name, cash=CASH * PRICE_ONE, positions=(), working=())
            )
            fill = Fill(name, f"x-{name}", AAPL, Side.BUY, QTY_ONE, 100 * PRICE_ONE, 0, rig.clock.now)
            rig.loop.tell(i.FillReported(broker="paper", fill=fill))
        await rig.loop.quiet()
        self.timers.also(self.hours)
        self.timers.reload()
        rig.loop.subscribe(self.hours.hear)
        rig.loop.subscribe(self.timers.hear)

    async def cross(self, last: int) -> None:
        """Come to every instant at which something is due, with two quotes before it: one alone opens no day."""
        rig = self.rig
        while (due := self.timers.next_due(marks=False)) <= last:
            price = price_at(due)
            for before in (2 * SECOND, SECOND):
                rig.clock.now = max(rig.clock.now, due - before)
                rig.loop.tell(i.QuoteReceived(quote=quote(rig.clock.now, price, price, price)))
                await rig.loop.quiet()
            rig.clock.now = max(rig.clock.now, due)
            self.timers.feed_due()
            await rig.loop.quiet()


@pytest.fixture
async def year():
    year = Year()
    await year.start()
    await year.cross(nanos(LAST))
    yield year
    await year.rig.stop()


def told(year: Year) -> list[tuple[int, object]]:
    return [(record.at, event) for record in year.rig.journal.records for event in decode_events(record.body)]


async def test_the_days_of_a_year(year: Year):
    opened = [(at, event) for at, event in told(year) if isinstance(event, SessionOpened)]
    for name, (zone, clock) in ACCOUNTS.items():
        mine = [(at, event) for at, event in opened if event.account == name]
        walked = resets_by_walking(zone, clock, FIRST, LAST)
        assert len(walked) > 260
        # Every reset begins the next day at that very instant, and has the name of the day on which it will end.
        begun = [(event.session.session_id, event.session.opens_at, at) for at, event in mine[1:]]
        following = [after for after, _ in walked[1:]] + [begun[-1][0]]
        assert begun == [(name_, at, at) for name_, (_, at) in zip(following, walked, strict=True)]
        assert all(a.session.resets_at == b.session.opens_at for (_, a), (_, b) in pairwise(mine))
        # The baseline is the equity of that instant, observed.
        for at, event in mine[1:]:
            assert event.source == "observed", event.session
            assert event.baseline == (CASH - 100 + price_at(at)) * PRICE_ONE
        assert {"2024-02-29", "2024-12-31", "2025-01-01"} <= {event.session.session_id for _, event in mine}
    lengths = {
        name: sorted(
            {(e.session.resets_at - e.session.opens_at) // (3_600 * SECOND) for _, e in opened if e.account == name}
        )
        for name in ACCOUNTS
    }
    assert lengths["paper"] == lengths["chicago"] == [24, 71, 72, 73], "clocks change over a weekend"
    assert lengths["london"] == lengths["sydney"] == [24, 71, 72, 73]


async def test_the_hours_of_a_year(year: Year):
    """252 days in 2024, nine holidays and three half days, each to the instant."""
    wall = ZoneInfo("America/New_York")
    changes = [(at, event.instrument.status) for at, event in told(year) if isinstance(event, InstrumentListed)][1:]
    wanted, day = [], date(2023, 12, 27)
    while day <= date(2025, 1, 8):
        if day.weekday() < 5 and day.isoformat() not in HOLIDAYS:
            closing = 13 if day.isoformat() in HALF_DAYS else 16
            opens = datetime(day.year, day.month, day.day, 9, 30, tzinfo=wall)
            wanted += [
                (nanos(opens), InstrumentStatus.OPEN),
                (nanos(opens.replace(hour=closing, minute=0)), InstrumentStatus.OFF_HOURS),
            ]
        day += timedelta(days=1)
    assert len([at for at, status in wanted if status is InstrumentStatus.OPEN and "2024" in str(day_of(at))]) == 252
    assert changes == [each for each in wanted if nanos(FIRST) < each[0] <= nanos(LAST)]


def day_of(at: int) -> date:
    return datetime.fromtimestamp(at // SECOND, UTC).date()


@pytest.mark.parametrize("name", ACCOUNTS)
def test_twenty_years_of_resets(name: str):
    """Every reset of 2008 to 2027, computed one after another, is what walking through UTC finds, and no other."""
    zone, clock = ACCOUNTS[name]
    first, last = datetime(2008, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
    walked = resets_by_walking(zone, clock, first, last)
    terms = AccountTerms(name, "paper", reset_zone=zone, reset_time=clock)
    computed, session = [], find_session(terms, nanos(first) - SECOND)
    while session.resets_at < nanos(last):
        if session.resets_at >= nanos(first):
            computed.append((session.session_id, session.resets_at))
        session = find_session(terms, session.resets_at)
    assert len(computed) in range(5217, 5220)
    assert computed == walked
