"""Quotes reach the loop and the exchange; a recording gives the same journal every time; health tells the truth."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from msgspec import structs

from stopline.messages import inputs as i
from stopline.messages.upcast import decode_events
from stopline.model.instrument import Instrument
from stopline.model.numbers import SECOND, Nanos
from stopline.model.obligation import Obligation, ObligationKind
from stopline.model.quote import Quote
from stopline.ports.desk import Desk
from stopline.ports.journal import JournalRefused
from stopline.runtime.boot_clock import system_boot_clock
from stopline.runtime.clocks import RecordedClock
from stopline.runtime.desk import LiveDesk
from stopline.runtime.follow import Follower
from stopline.runtime.health import Health
from stopline.runtime.market import Market
from stopline.runtime.metrics import LoopLag
from stopline.runtime.timers import Timers
from tests.unit.runtime.rig import AAPL, START, HandClock, MemoryJournal, Rig, apple, buy, quote
from tests.unit.runtime.test_follow import MemoryTables


class Film:
    """A recorded feed out of a list."""

    name = "recorded:film"

    def __init__(self, *quotes: Quote, fails: Exception | None = None, is_recorded: bool = True) -> None:
        self._quotes, self._fails, self.is_recorded = quotes, fails, is_recorded

    def instruments(self) -> tuple[Instrument, ...]:
        return (apple(),)

    def starts_at(self) -> Nanos | None:
        return self._quotes[0].source_at

    async def quotes(self) -> AsyncIterator[Quote]:
        for each in self._quotes:
            yield each
        if self._fails:
            raise self._fails


def watched(rig: Rig, feed: Film, clock: Any = None) -> tuple[Market, Health]:
    clock = clock or rig.clock
    timers = Timers(rig.loop.tell, lambda: rig.state, clock)
    timers.reload()
    rig.loop.subscribe(timers.hear)
    market = Market(feed, rig.loop.tell, clock, timers, rig.settle)
    health = Health(rig.loop, clock, market, Follower(MemoryTables(), rig.journal), lambda: (AAPL,))
    return market, health


async def play(delay_s: float) -> MemoryJournal:
    """Trade through a film at speed 0, with a broker that takes its time, and return the journal."""
    film = Film(*(quote(START + n * 7 * SECOND, 100 + n % 3, 101 + n % 3, 101) for n in range(60)))
    clock = RecordedClock(film.name, START, 0, system_boot_clock())
    rig = await Rig(clock=clock, conflate=False).start()  # type: ignore[arg-type]

    async def slow() -> None:
        await asyncio.sleep(delay_s)
        order = rig.state.accounts["paper"].order_routed(rig.broker.calls[-1][1])
        assert order is not None
        rig.loop.tell(i.OrderAccepted(account="paper", routed_order_id=order.routed_order_id))

    rig.broker.plans["place"] = [slow] * 100
    market, _ = watched(rig, film, clock)

    async def trade(each: Quote) -> None:
        if each.source_at % 3 == 0:
            await rig.loop.ask(buy(f"n{each.source_at}"))

    market.listen(trade)
    await market.run()
    await rig.settle()
    assert clock.speed == 1, "after the film, time flows"
    await rig.stop()
    return rig.journal


async def test_a_recording_at_speed_0_gives_the_same_journal_however_slow_the_machine():
    quick, slow = await play(0.0), await play(0.003)
    assert len(quick.records) > 40
    assert [decode_events(r.body) for r in quick.records] == [decode_events(r.body) for r in slow.records]
    assert quick.records[-1].hash == slow.records[-1].hash


async def test_listeners_hear_every_quote_of_a_live_feed(rig: Rig):
    market, health = watched(rig, Film(*(quote(n, 99, 101) for n in range(1000)), is_recorded=False))
    heard: list[Quote] = []
    market.listen(heard.append)
    await market.run()
    assert len(heard) == market.quotes == 1000
    assert "the feed has ended" in health.report()["problems"]  # type: ignore[operator]


async def test_a_recording_goes_on_where_it_stopped_and_the_newest_quotes_stand():
    film = Film(*(quote(START + n * SECOND, n, n + 1) for n in range(10)))
    rig = await Rig(clock=RecordedClock(film.name, START + 5 * SECOND, 0, system_boot_clock())).start()  # type: ignore[arg-type]
    timers = Timers(rig.loop.tell, lambda: rig.state, rig.clock)
    market = Market(film, rig.loop.tell, rig.clock, timers, rig.settle, resume_at=START + 5 * SECOND)
    heard: list[Quote] = []
    market.listen(heard.append)
    await market.run()
    assert [(each.source_at - START) // SECOND for each in heard] == [4, 5, 6, 7, 8, 9]
    await rig.stop()


async def test_a_feed_that_fails_is_shown(rig: Rig):
    market, health = watched(rig, Film(quote(START, 99, 101), fails=OSError("planted")))
    await market.run()
    report = health.report()
    assert "planted" in str(report["problems"]) and report["status"] == "degraded"


async def test_ready_waits_for_reconciliation_and_first_quotes():
    rig = Rig()
    market, health = watched(rig, Film(quote(START, 99, 101), is_recorded=False))
    report = health.report()
    assert (report["ready"], report["mode"], report["status"]) == (False, "starting", "starting")
    await rig.start()
    assert health.report()["waiting_for"] == [f"first quotes of {AAPL}"]
    await market.run()
    market.ended = False
    report = health.report()
    assert (report["ready"], report["mode"], report["status"]) == (True, "normal", "ok")
    assert report["feed_age_s"] == 0.0 and report["store"] == "ok"
    await rig.stop()


async def ready(rig: Rig) -> Health:
    market, health = watched(rig, Film(quote(START, 99, 101), is_recorded=False))
    await market.run()
    market.ended = False
    assert health.report()["status"] == "ok"
    return health


@pytest.mark.parametrize(
    ("trouble", "mode"),
    [
        pytest.param(i.TripBreaker(account="paper"), "reduce", id="breaker"),
        pytest.param(i.BrokerDisconnected(broker="paper", reason="gone"), "cancel", id="broker down"),
        pytest.param(i.Kill(account="paper"), "halt", id="kill"),
    ],
)
async def test_never_ok_while_anything_is_worse(rig: Rig, trouble: i.Input, mode: str):
    health = await ready(rig)
    await rig.loop.ask(trouble)
    report = health.report()
    assert (report["mode"], report["status"]) == (mode, "degraded")


async def test_a_stale_feed_and_a_refusing_store_are_told(rig: Rig):
    health = await ready(rig)
    rig.clock.move(31 * SECOND)
    assert "no quote for 31 s" in str(health.report()["problems"])
    rig.journal.failures = [JournalRefused("store_full", "full")] * 3
    rig.loop.tell(i.TripBreaker(account="paper"))
    while not rig.loop.refused:
        await asyncio.sleep(0)
    report = health.report()
    assert report["store"] == "store_full" and not report["ready"] and report["mode"] == "cancel"
    assert report["status"] == "degraded"


async def test_what_is_owed_and_not_done_is_a_problem_once_people_were_told(rig: Rig):
    health = await ready(rig)
    owed = Obligation(7, ObligationKind.FLATTEN, "", "daily_total_loss", "loss", "engine", rig.clock.at())
    rig.state.accounts["paper"].obligations[7] = owed
    assert "daily_total_loss" not in str(health.report()["problems"])
    late = structs.replace(owed, escalations=1, text="AAPL: the broker rejected it")
    rig.state.accounts["paper"].obligations[7] = late
    rig.clock.move(64 * SECOND)
    report = health.report()
    said = "paper: flatten (daily_total_loss) is not done after 64 s: AAPL: the broker rejected it"
    assert said in report["problems"]  # type: ignore[operator]
    assert report["status"] == "degraded"


async def test_the_desk_hands_everything_on(rig: Rig):
    tables = MemoryTables()
    follower = Follower(tables, rig.journal)
    rig.loop.publisher.subscribe_batches(follower.hear)
    follower.start()
    market = Market(
        Film(quote(START, 1, 2)),
        rig.loop.tell,
        rig.clock,
        Timers(rig.loop.tell, lambda: rig.state, HandClock()),
        rig.settle,
    )
    health = Health(rig.loop, rig.clock, market, follower, lambda: ())
    desk: Desk = LiveDesk(rig.loop, follower, health)
    heard: list[int] = []
    unsubscribe = desk.subscribe(lambda seq, at, events: heard.append(seq))
    await desk.ask(buy("a"))
    unsubscribe()
    seq = heard[0]
    assert desk.recorded(seq)[0] == START
    assert await desk.look(lambda state, at: at) == desk.peek(lambda state, at: at) == START
    assert (await desk.rows("orders"))[0]["seq"] == rig.loop.durable_seq
    assert desk.health()["market"] == "recorded:film"
    await follower.close()


async def test_loop_lag_is_seen():
    lag = LoopLag()
    lag.start()
    await asyncio.sleep(0.05)
    import time

    time.sleep(0.15)  # noqa: ASYNC251 - that is what is to be seen
    await asyncio.sleep(0.05)
    lag.stop()
    assert lag.worst_ms > 50
