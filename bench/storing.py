"""P6 and P7: the decision made durable, alone and in company; recovery of a million events."""

import asyncio
import os
import tempfile
import time
from pathlib import Path

from bench.timing import Row, percentile
from bench.worlds import Bench, HandClock, roomy
from stopline.engine.replay import encode_state, fold, state_hash
from stopline.engine.step import step
from stopline.messages.decided import decided_ids
from stopline.messages.upcast import decode_events, encode_events
from stopline.ports.journal import Record, Snapshot, chain_hash
from stopline.runtime.loop import Loop
from stopline.state.state import STATE_SCHEMA, State
from stopline.stores.sqlite.journal import open_journal


def bare_fdatasync_us(folder: Path, count: int) -> float:
    """Return the median microseconds of a 4 KiB write and fdatasync."""
    times = []
    descriptor = os.open(folder / "bare", os.O_WRONLY | os.O_CREAT)
    try:
        for number in range(count):
            started = time.perf_counter()
            os.pwrite(descriptor, b"x" * 4096, number % 256 * 4096)
            os.fdatasync(descriptor)
            times.append((time.perf_counter() - started) * 1e6)
    finally:
        os.close(descriptor)
    return percentile(times, 0.5)


async def _acks(folder: Path, clients: int, count: int) -> tuple[float, list[float]]:
    """Return acks a second and each ack's microseconds, with `clients` in flight."""
    world = Bench(limits=roomy(), keep=True)
    journal = open_journal(folder)
    await journal.append(world.records)
    loop = Loop(world.state, journal, HandClock(world.at), rebuild=lambda: world.state, abort=print)
    loop.start()
    times: list[float] = []

    async def client(orders: int) -> None:
        for _ in range(orders):
            order = world.order(cents=40_000)
            started = time.perf_counter()
            await loop.ask(order)
            times.append((time.perf_counter() - started) * 1e6)

    started = time.perf_counter()
    await asyncio.gather(*(client(count // clients) for _ in range(clients)))
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


def _written(folder: Path, count: int) -> Bench:
    """Write a journal of about `count` events: orders, acknowledgements, fills."""
    world = Bench(limits=roomy())
    journal = open_journal(folder)
    head = journal.head()
    prev = head.hash
    batch: list[Record] = []
    events = 0

    async def write() -> None:
        nonlocal prev, events
        shadow = Bench(limits=roomy(), keep=True)
        batch.extend(shadow.records)
        prev = shadow.hash
        while events < count:
            order = shadow.order(cents=40_000 + events % 500)
            shadow.at += 1000
            outcome = step(shadow.state, order, shadow.at)
            body = encode_events(outcome.events)
            before, prev = prev, chain_hash(prev, outcome.seq, shadow.at, body)
            batch.append(Record(outcome.seq, shadow.at, body, before, prev, decided_ids(outcome.events)))
            events += len(outcome.events)
            if len(batch) >= 2000:
                await journal.append(batch)
                batch.clear()
        if batch:
            await journal.append(batch)
        world.state = shadow.state
        snapshot = Snapshot(
            shadow.state.seq,
            prev,
            shadow.state.epoch,
            STATE_SCHEMA,
            encode_state(shadow.state),
            state_hash(shadow.state),
        )
        await journal.save_snapshot(snapshot)
        await journal.close()

    asyncio.run(write())
    return world


def recovery(quick: bool) -> list[Row]:
    """P7: read, verify the chain, decode and fold."""
    count = 50_000 if quick else 1_000_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "data"
        world = _written(folder, count)
        journal = open_journal(folder)
        state, events = State(), 0
        started = time.perf_counter()
        for record in journal.read():
            said = decode_events(record.body)
            fold(state, record.seq, record.at, said)
            events += len(said)
        elapsed = time.perf_counter() - started
        same = state_hash(state) == state_hash(world.state)
        asyncio.run(journal.close())
    rate = events / elapsed
    return [
        Row(
            "P7",
            f"recovery of {events:,} events, chain verified",
            f"{rate:,.0f} events/s",
            ">= 400,000 events/s",
            rate >= 400_000,
            f"{elapsed:.2f} s, same state: {same}",
        ),
    ]
