"""P6 and P7: the decision made durable, alone and in company; recovery of a million events."""

import asyncio
import gc
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

from bench.timing import Row, paired, percentile
from bench.worlds import START, Bench, HandClock, equity, roomy
from stopline.brokers.paper.broker import PaperBroker
from stopline.engine.replay import encode_state, fold, state_hash
from stopline.engine.step import step
from stopline.messages import inputs as i
from stopline.messages.decided import decided_ids
from stopline.messages.effects import PlaceOrder
from stopline.messages.events import OrderApproved
from stopline.messages.upcast import decode_events, encode_events
from stopline.model.account import AccountTerms
from stopline.model.calendar import Session
from stopline.model.fill import Fill
from stopline.model.numbers import PRICE_ONE, QTY_ONE
from stopline.model.order import Side
from stopline.ports.journal import Journal, Record, Snapshot, chain_hash
from stopline.runtime.lanes import Lanes, Outbound
from stopline.runtime.loop import Loop
from stopline.runtime.recover import recover
from stopline.state.state import STATE_SCHEMA, State
from stopline.stores.sqlite.journal import open_journal


def bare_fdatasync_us(folder: Path, times_over: int) -> float:
    """Return the median microseconds of a 4 KiB write and fdatasync."""
    times = []
    descriptor = os.open(folder / "bare", os.O_WRONLY | os.O_CREAT)
    try:
        for number in range(times_over):
            started = time.perf_counter()
            os.pwrite(descriptor, b"x" * 4096, number % 256 * 4096)
            os.fdatasync(descriptor)
            times.append((time.perf_counter() - started) * 1e6)
    finally:
        os.close(descriptor)
    return percentile(times, 0.5)


async def _acks(folder: Path, clients: int, orders: int) -> tuple[float, list[float]]:
    """Return acks a second and each ack's microseconds, with `clients` in flight."""
    world = Bench(limits=roomy(), keep=True)
    journal = open_journal(folder)
    await journal.append(world.records)
    loop = Loop(world.state, journal, HandClock(world.at), rebuild=lambda: world.state, abort=print)
    loop.start()
    times: list[float] = []

    async def client(number: int) -> None:
        for _ in range(number):
            order = world.order(cents=40_000)
            started = time.perf_counter()
            await loop.ask(order)
            times.append((time.perf_counter() - started) * 1e6)

    started = time.perf_counter()
    await asyncio.gather(*(client(orders // clients) for _ in range(clients)))
    elapsed = time.perf_counter() - started
    await loop.stop()
    await journal.close()
    return len(times) / elapsed, times


def durable(quick: bool) -> list[Row]:
    """P6: acks after the commit, 1, 8 and 64 in flight, against one fdatasync."""
    scale = 1 if quick else 5
    rates: dict[int, float] = {}
    medians: dict[int, float] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        before = bare_fdatasync_us(folder, 300 * scale)
        for clients in (1, 8, 64):
            rates[clients], times = asyncio.run(_acks(folder / str(clients), clients, 300 * scale * clients))
            medians[clients] = percentile(times, 0.5)
        bare = (before + bare_fdatasync_us(folder, 300 * scale)) / 2
    ratio, slow = rates[64] / rates[1], medians[1] / bare
    detail = ", ".join(
        f"{clients} in flight {rate:,.0f}/s p50 {medians[clients]:,.0f} us" for clients, rate in rates.items()
    )
    return [
        Row("P6", "durable acks, 64 in flight / one at a time", f"{ratio:.1f}x", ">= 20x", ratio >= 20, detail),
        Row(
            "P6",
            "p50 of a durable ack / bare fdatasync",
            f"{slow:.1f}x",
            "<= 4x",
            slow <= 4,
            f"fdatasync {bare:.0f} us",
        ),
    ]


class _Story:
    """Orders one after another: approved only, or with their whole lives: sent, accepted, filled."""

    def __init__(self, whole_lives: bool) -> None:
        self.world = Bench(limits=roomy(), keep=True)
        self._whole_lives = whole_lives

    def inputs(self) -> Iterator[i.Input]:
        """Yield inputs without end. Every other order sells what the one before it bought."""
        world = self.world
        for number in count():
            side = Side.SELL if self._whole_lives and number % 2 else Side.BUY
            order = world.order(cents=40_000 + number % 500, side=side)
            yield order
            if self._whole_lives:
                approved = world.state.accounts["A0"].order(order.client_order_id)
                assert approved is not None
                routed = approved.routed_order_id
                yield i.OrderSent(account="A0", routed_order_id=routed)
                yield i.OrderAccepted(account="A0", routed_order_id=routed, broker_order_id=f"P-{number}")
                price = order.limit_price or 0
                fill = Fill("A0", f"E{number}", "eq:US:SPY", side, QTY_ONE, price, 0, world.at, routed)
                yield i.FillReported(broker="paper", fill=fill)


async def _write(journal: Journal, story: _Story, events: int) -> None:
    """Write a journal of about so many events, and a snapshot at its end."""
    world, batch, said = story.world, list(story.world.records), 0
    prev = world.hash
    for message in story.inputs():
        world.at += 1000
        outcome = step(world.state, message, world.at)
        if outcome.events:
            body = encode_events(outcome.events)
            before, prev = prev, chain_hash(prev, outcome.seq, world.at, body)
            batch.append(Record(outcome.seq, world.at, body, before, prev, decided_ids(outcome.events)))
            said += len(outcome.events)
        if len(batch) >= 2000 or said >= events:
            await journal.append(batch)
            batch.clear()
        if said >= events:
            break
    state = world.state
    await journal.save_snapshot(
        Snapshot(state.seq, prev, state.epoch, STATE_SCHEMA, encode_state(state), state_hash(state))
    )
    await journal.close()


def _recovered(whole_lives: bool, wanted: int) -> tuple[float, float, int, bool]:
    """Return events a second of a whole replay, seconds of one from the snapshot, events, and whether both agree."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "data"
        story = _Story(whole_lives)
        asyncio.run(_write(open_journal(folder), story, wanted))
        journal = open_journal(folder)
        gc.collect()
        gc.disable()
        state, events = State(), 0
        started = time.perf_counter()
        for record in journal.read():
            said = decode_events(record.body)
            fold(state, record.seq, record.at, said)
            events += len(said)
        elapsed = time.perf_counter() - started
        gc.enable()
        started = time.perf_counter()
        again = recover(journal)
        from_snapshot = time.perf_counter() - started
        same = state_hash(state) == state_hash(story.world.state) == state_hash(again)
        asyncio.run(journal.close())
    return events / elapsed, from_snapshot, events, same


def recovery(quick: bool) -> list[Row]:
    """P7: read, verify the chain, decode and fold; as recovery does it, with the collector resting."""
    rows = []
    for what, whole_lives in (("orders only", False), ("orders sent, accepted, filled", True)):
        rate, from_snapshot, events, same = _recovered(whole_lives, 50_000 if quick else 1_000_000)
        rows.append(
            Row(
                "P7",
                f"recovery, chain verified: {what}",
                f"{rate:,.0f} events/s",
                ">= 400,000 events/s",
                rate >= 400_000,
                f"{events:,} events, same state: {same}",
            )
        )
    rows.append(
        Row(
            "P7",
            "recovery with a snapshot at the end of the second",
            f"{from_snapshot:.2f} s",
            "<= 0.5 s",
            from_snapshot <= 0.5,
        )
    )
    return rows


class _QuotedClock(HandClock):
    """A clock that quotes move: nobody sleeps until a day is over."""

    speed = 0


async def _placed_cpu_s(path: Path, approvals: list[OrderApproved], together: int) -> float:
    """Return the CPU seconds in which the paper broker takes these orders, so many under way at a time."""
    accounts = (AccountTerms("A0", "paper", opening_cash=10**9 * PRICE_ONE),)
    session = Session("2026-01-06", START - 10**13, START + 10**15, "bench")
    broker = PaperBroker(path, _QuotedClock(START), lambda terms, at: session, accounts, (equity("SPY"),))
    said, is_done = 0, asyncio.Event()

    def hear(report: i.Input) -> None:
        nonlocal said
        said += isinstance(report, i.OrderAccepted)
        if said == len(approvals):
            is_done.set()

    async def place(effect: Outbound) -> None:
        assert isinstance(effect, PlaceOrder)
        await broker.place(effect.order)

    await broker.start(hear)
    lanes = Lanes(place, lambda withdrawn: None, together)
    started = time.process_time()
    for approved in approvals:
        lanes.add(PlaceOrder("paper", approved))
    await asyncio.wait_for(is_done.wait(), 60)
    used = time.process_time() - started
    await lanes.close()
    await broker.close()
    return used


def sharing(quick: bool) -> list[Row]:
    """Orders at the paper broker that share commits: as many together as it takes, against eight."""
    world, count_ = Bench(limits=roomy()), 800 if quick else 4_000
    decided = [step(world.state, world.order(cents=40_000 + n % 500), world.at).events for n in range(count_)]
    approvals = [event for events in decided for event in events if isinstance(event, OrderApproved)]
    numbers = count()

    def of(together: int) -> Callable[[], float]:
        return lambda: asyncio.run(_placed_cpu_s(folder / str(next(numbers)), approvals, together)) / count_ * 1e6

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        few, many, ratio = paired(of(8), of(PaperBroker.at_once), 3 if quick else 7)
    note = f"{few:.0f} us CPU / {many:.0f} us CPU an order"
    return [Row("", f"paper broker, 8 at a time / {PaperBroker.at_once}: CPU", f"{ratio:.2f}x", "", None, note)]
