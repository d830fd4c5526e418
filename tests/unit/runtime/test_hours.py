"""Markets open and close for the engine at the instants of the calendar, and only while a limit asks for it."""

from collections.abc import AsyncIterator

import pytest
from msgspec.structs import replace

from stopline.config.settings import HoursOverride
from stopline.messages import inputs as i
from stopline.messages.events import InstrumentListed, OrderDenied
from stopline.messages.replies import Decided, Done
from stopline.model.instrument import InstrumentStatus
from stopline.model.limits import Limits
from stopline.model.numbers import SECOND
from stopline.model.verdict import Finding
from stopline.runtime.calendars import CalendarBook
from stopline.runtime.hours import NEVER, MarketHours
from stopline.runtime.timers import Timers
from tests.unit.runtime.calendars.times import at
from tests.unit.runtime.rig import AAPL, Rig, apple, buy

ARMED = Limits(session_hours=True)


class Timed:
    """A rig whose timers know the hours."""

    def __init__(self, rig: Rig, book: CalendarBook | None = None) -> None:
        self.rig = rig
        self.hours = MarketHours(rig.loop.tell, lambda: rig.state, rig.clock.at, book or CalendarBook())
        self.timers = Timers(rig.loop.tell, lambda: rig.state, rig.clock)
        self.timers.also(self.hours)
        self.timers.reload()
        rig.loop.subscribe(self.hours.hear)
        rig.loop.subscribe(self.timers.hear)

    async def come_to(self, instant: int) -> None:
        """Let everything come due on the way, in order."""
        while (due := self.timers.next_due(marks=False)) <= instant:
            self.rig.clock.now = max(self.rig.clock.now, due)
            self.timers.feed_due()
            await self.rig.loop.quiet()
        self.rig.clock.now = instant
        self.timers.feed_due()
        await self.rig.loop.quiet()

    @property
    def status(self) -> InstrumentStatus:
        return self.rig.state.instruments[AAPL].status

    async def denied(self, name: str) -> Finding | None:
        """Send an entry; return what denied it."""
        reply = await self.rig.loop.ask(buy(name))
        assert isinstance(reply, Decided)
        decision = reply.decision
        if not isinstance(decision, OrderDenied):
            return None
        return next(finding for finding in decision.findings if finding.check == decision.check)


@pytest.fixture
async def timed() -> AsyncIterator[Timed]:
    rig = await Rig().start(ARMED)
    yield Timed(rig)
    await rig.stop()


@pytest.mark.parametrize(
    ("moment", "status"),
    [
        pytest.param("2026-01-05T20:59:59Z", InstrumentStatus.OPEN, id="a second before the close"),
        pytest.param("2026-01-05T21:00:00Z", InstrumentStatus.OFF_HOURS, id="at the close"),
        pytest.param("2026-01-06T14:29:59Z", InstrumentStatus.OFF_HOURS, id="a second before the open"),
        pytest.param("2026-01-06T14:30:00Z", InstrumentStatus.OPEN, id="at the open"),
        pytest.param("2026-01-10T16:00:00Z", InstrumentStatus.OFF_HOURS, id="a Saturday"),
        pytest.param("2026-01-19T16:00:00Z", InstrumentStatus.OFF_HOURS, id="a holiday"),
    ],
)
async def test_entries_wait_for_the_market(timed: Timed, moment: str, status: InstrumentStatus):
    await timed.come_to(at(moment))
    assert timed.status is status
    denied = await timed.denied("a")
    assert (denied is None) is (status is InstrumentStatus.OPEN)
    if denied is not None:
        assert denied.check == "session_hours"
        assert denied.reason == "AAPL is outside its market's hours: no entries until it trades again"


async def test_where_no_limit_asks_the_market_is_open_at_any_hour():
    rig = await Rig().start(Limits())
    timed = Timed(rig)
    await timed.come_to(at("2026-01-10T16:00Z"))
    assert timed.status is InstrumentStatus.OPEN and timed.hours.next_due() == NEVER
    assert await timed.denied("a") is None
    # Armed while the market is shut, it denies at once; disarmed, it does not.
    assert isinstance(await rig.loop.ask(i.ChangeLimits(account="paper", limits=ARMED)), Done)
    await timed.come_to(rig.clock.now)
    assert timed.status is InstrumentStatus.OFF_HOURS and await timed.denied("b") is not None
    assert isinstance(await rig.loop.ask(i.ChangeLimits(account="paper", limits=Limits())), Done)
    assert await timed.denied("c") is None
    await rig.stop()


async def test_a_week_has_ten_changes(timed: Timed):
    await timed.come_to(at("2026-01-12T15:00Z"))
    said = [event for event in timed.rig.journal.events() if isinstance(event, InstrumentListed)]
    assert len(said) == 1 + 10, "five closes and five opens after the first listing"


async def test_what_was_halted_by_hand_stays_halted(timed: Timed):
    halted = replace(timed.rig.state.instruments[AAPL], status=InstrumentStatus.HALTED)
    await timed.rig.loop.ask(i.ListInstrument(instrument=halted))
    await timed.come_to(at("2026-01-06T15:00Z"))
    assert timed.status is InstrumentStatus.HALTED


async def test_an_instrument_that_is_listed_later_is_told_at_once(timed: Timed):
    await timed.come_to(at("2026-01-10T16:00Z"))
    late = replace(
        timed.rig.state.instruments[AAPL], instrument_id="eq:US:LATE", symbol="LATE", status=InstrumentStatus.OPEN
    )
    unknown = replace(late, instrument_id="eq:ZZ:WHO", symbol="WHO")
    await timed.rig.loop.ask(i.ListInstrument(instrument=late))
    await timed.rig.loop.ask(i.ListInstrument(instrument=unknown))
    await timed.come_to(timed.rig.clock.now)
    assert timed.rig.state.instruments["eq:US:LATE"].status is InstrumentStatus.OFF_HOURS
    assert timed.rig.state.instruments["eq:ZZ:WHO"].status is InstrumentStatus.OPEN, "no calendar knows it"


async def test_a_day_of_the_configuration():
    rig = await Rig().start(ARMED)
    closed = {"us_equities": {"2026-01-06": HoursOverride((), "storm")}}
    timed = Timed(rig, CalendarBook(closed))
    await timed.come_to(at("2026-01-06T15:00Z"))
    assert timed.status is InstrumentStatus.OFF_HOURS
    await timed.come_to(at("2026-01-07T15:00Z"))
    assert timed.status is InstrumentStatus.OPEN
    await rig.stop()


async def test_beyond_the_calendar_the_market_counts_as_shut(timed: Timed, caplog: pytest.LogCaptureFixture):
    timed.rig.clock.now = at("2029-03-06T15:00Z")
    timed.timers.feed_due()
    await timed.rig.loop.quiet()
    assert timed.status is InstrumentStatus.OFF_HOURS
    assert "2029-03-06 is not in the calendar of us_equities" in caplog.text


def test_openings_and_closings_for_orders_that_wait():
    rig = Rig()
    hours = MarketHours(rig.loop.tell, lambda: rig.state, rig.clock.at, CalendarBook())
    friday = at("2026-11-27T17:00Z")
    assert hours.next_close(apple(), friday) == at("2026-11-27T18:00Z"), "an early close"
    assert hours.next_open(apple(), friday) == at("2026-11-30T14:30Z")
    unknown = replace(apple(), instrument_id="eq:ZZ:WHO")
    assert hours.next_open(unknown, friday) is None and hours.next_close(unknown, friday) is None
    assert hours.next_open(apple(), at("2029-01-01T00:00Z")) is None
    assert rig.clock.now % SECOND == 0
