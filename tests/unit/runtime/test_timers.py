"""What comes due is fed at its time, once, in order; days open by themselves."""

import asyncio
from itertools import pairwise
from typing import Any

import pytest
from msgspec.structs import replace

from stopline.messages import inputs as i
from stopline.messages.events import BreakerReset, SessionOpened
from stopline.messages.replies import Done
from stopline.model.limits import Limits
from stopline.model.numbers import SECOND
from stopline.runtime.timers import MARK_EVERY, Timers
from tests.unit.runtime.rig import Rig

DAY = 86_400 * SECOND


@pytest.fixture
async def timed(rig: Rig) -> tuple[Rig, Timers, list[i.Input]]:
    told: list[i.Input] = []

    def tell(message: i.Input) -> None:
        told.append(message)
        rig.loop.tell(message)

    timers = Timers(tell, lambda: rig.state, rig.clock)
    timers.reload()
    rig.loop.subscribe(timers.hear)
    return rig, timers, told


async def come_to(rig: Rig, timers: Timers, at: int) -> None:
    while (due := timers.next_due()) <= at:
        rig.clock.now = max(rig.clock.now, due)
        timers.feed_due()
        await rig.loop.quiet()
    rig.clock.now = at


async def test_marks_every_five_seconds(timed: Any):
    rig, timers, told = timed
    await come_to(rig, timers, rig.clock.now + 20 * SECOND)
    assert len([m for m in told if isinstance(m, i.MarkPnl)]) == 4
    rig.clock.move(3_600 * SECOND)
    timers.feed_due()
    assert len([m for m in told if isinstance(m, i.MarkPnl)]) == 5, "missed marks are made once"
    assert timers.next_due() % MARK_EVERY == 0


async def test_a_breaker_ends_at_its_time(timed: Any):
    rig, timers, _ = timed
    until = rig.clock.now + 60 * SECOND
    assert isinstance(await rig.loop.ask(i.TripBreaker(account="paper", expires_at=until)), Done)
    await come_to(rig, timers, until - 1)
    assert rig.state.accounts["paper"].severity == 1
    await come_to(rig, timers, until)
    assert rig.state.accounts["paper"].severity == 0
    assert len([e for e in rig.journal.events() if isinstance(e, BreakerReset)]) == 1


async def test_a_breaker_that_was_reset_by_hand_feeds_nothing(timed: Any):
    rig, timers, told = timed
    until = rig.clock.now + 60 * SECOND
    await rig.loop.ask(i.TripBreaker(account="paper", expires_at=until))
    await rig.loop.ask(i.ResetBreaker(breaker_id=1))
    await come_to(rig, timers, until + SECOND)
    assert not [m for m in told if isinstance(m, i.TimerDue)]


async def test_timers_of_an_earlier_process_are_taken_over(timed: Any):
    rig, _, _ = timed
    until = rig.clock.now + 60 * SECOND
    await rig.loop.ask(i.TripBreaker(account="paper", expires_at=until))
    later = Timers(rig.loop.tell, lambda: rig.state, rig.clock)
    later.reload()
    await come_to(rig, later, until)
    assert rig.state.accounts["paper"].severity == 0


async def test_days_open_by_themselves_without_a_gap(timed: Any):
    rig, timers, _ = timed
    await come_to(rig, timers, rig.clock.now + 9 * DAY)
    opened = [e.session for e in rig.journal.events() if isinstance(e, SessionOpened)]
    assert [s.session_id[-2:] for s in opened] == "05 06 07 08 09 12 13 14".split()
    assert all(a.resets_at == b.opens_at for a, b in pairwise(opened))


async def test_after_a_long_sleep_the_account_is_in_the_right_day(timed: Any):
    rig, timers, told = timed
    rig.clock.move(9 * DAY)
    timers.feed_due()
    await rig.loop.quiet()
    assert rig.state.accounts["paper"].day.session.session_id == "2026-01-14"
    assert len([m for m in told if isinstance(m, i.SessionScheduled)]) == 1


@pytest.mark.parametrize("reset", ["16:00", "18:00", "09:30"])
async def test_a_reset_that_was_moved_leaves_no_gap(timed: Any, reset: str):
    rig, timers, _ = timed
    terms = replace(rig.state.accounts["paper"].terms, reset_time=reset)
    await rig.loop.ask(i.OpenAccount(terms=terms))
    await come_to(rig, timers, rig.clock.now + 4 * DAY)
    opened = [e.session for e in rig.journal.events() if isinstance(e, SessionOpened)]
    assert len(opened) >= 4
    assert all(a.resets_at <= b.opens_at for a, b in pairwise(opened))
    at = rig.clock.now
    session = rig.state.accounts["paper"].day.session
    assert session.opens_at <= at < session.resets_at


async def test_runs_by_itself_and_wakes_for_what_is_new():
    rig = await Rig().start(Limits())
    timers = Timers(rig.loop.tell, lambda: rig.state, rig.clock)
    timers.reload()
    rig.loop.subscribe(timers.hear)
    task = asyncio.ensure_future(timers.run())
    until = rig.clock.now + 2 * SECOND
    await rig.loop.ask(i.TripBreaker(account="paper", expires_at=until))
    rig.clock.move(2 * SECOND)
    for _ in range(50):
        await asyncio.sleep(0)
    await rig.loop.quiet()
    assert rig.state.accounts["paper"].severity == 0
    task.cancel()
    await rig.stop()
