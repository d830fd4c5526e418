"""P1-P4: the decision in process: alone, against a full book, over many accounts; memory and pauses."""

import gc
import sys
import time
import tracemalloc

from bench.timing import Row, paired, per_call_us
from bench.worlds import Bench, roomy
from stopline.engine.gate import Ticket, decide_order
from stopline.engine.step import step
from stopline.model.numbers import QTY_ONE
from stopline.model.order import OrderRequest, OrderType, Side


def _decider(world: Bench, account: str = "A0", symbol: str = "SPY"):  # type: ignore[no-untyped-def]
    """Return a call that decides one order, all checks, with the reservation figures."""
    state = world.state
    instrument = state.instruments[f"eq:US:{symbol}"]
    request = OrderRequest(account, "ONE", instrument.instrument_id, Side.BUY, QTY_ONE, OrderType.LIMIT, 450 * 10**8)
    ticket = Ticket(state.accounts[account], request, symbol, instrument, state.at, state.seq + 1, "local")
    assert type(decide_order(state, ticket)).__name__ == "OrderApproved"
    return lambda: decide_order(state, ticket)


def _calibration() -> float:
    """Return microseconds of a fixed piece of Python: what this machine is worth today."""

    def work() -> int:
        total = 0
        for number in range(100):
            total += number * number % 7
        return total

    return per_call_us(work, 20_000)


def decision_alone(quick: bool) -> list[Row]:
    """P1: the decision on an empty book."""
    world = Bench()
    world.quote("SPY", 44_990, 45_010)
    decide = _decider(world)
    calls = 5_000 if quick else 50_000
    us, yard, _ = paired(lambda: per_call_us(decide, calls), _calibration)
    armed = len(world.state.accounts["A0"].armed["eq:US:SPY"].checks)
    note = (
        f"{armed} checks armed, Python {sys.version_info.major}.{sys.version_info.minor}; yardstick loop {yard:.2f} us"
    )
    return [
        Row("P1", "decision, all checks, reservation, empty book", f"{us:.2f} us", "<= 3 us on 3.13", us <= 3, note)
    ]


def stepping(quick: bool) -> list[Row]:
    """`step` with apply and react, against the decision alone."""
    count = 2_000 if quick else 20_000

    def whole() -> float:
        world = Bench(limits=roomy())
        orders = [world.order(cents=40_000 + n % 100) for n in range(count)]
        started = time.perf_counter()
        for order in orders:
            world.at += 1000
            step(world.state, order, world.at)
        return (time.perf_counter() - started) / count * 1e6

    world = Bench(limits=roomy())
    decide = _decider(world)
    us, alone, ratio = paired(whole, lambda: per_call_us(decide, count), rounds=5)
    return [
        Row(
            "",
            "step: decide, apply, monitor, react",
            f"{us:.2f} us, {ratio:.2f}x the decision",
            "",
            None,
            f"decision {alone:.2f} us",
        )
    ]


def full_book(quick: bool) -> list[Row]:
    """P2: with many open orders / with none."""
    count = 10_000 if quick else 100_000
    empty, full = Bench(limits=roomy()), Bench(limits=roomy())
    for number in range(count):
        full.do(full.order(cents=40_000 + number % 2_000))
    calls = 5_000 if quick else 30_000
    one, other = _decider(full), _decider(empty)
    us, base, ratio = paired(lambda: per_call_us(one, calls), lambda: per_call_us(other, calls))
    what = f"decision with {count:,} open orders / with none"
    return [Row("P2", what, f"{ratio:.2f}x", "<= 1.25x", ratio <= 1.25, f"{us:.2f} us / {base:.2f} us")]


def many_accounts(quick: bool) -> list[Row]:
    """P3 and P4: many accounts / one; memory of an account; the longest pause of the collector."""
    count = 2_000 if quick else 100_000
    one = Bench()
    gc.collect()
    tracemalloc.start() if quick else None
    before = _resident()
    many = Bench(accounts=count)
    bytes_each = (_resident() - before) / count
    if quick:
        tracemalloc.stop()
    names = [f"A{number}" for number in range(0, count, max(count // 1000, 1))]
    calls = [_decider(many, name) for name in names]
    single = _decider(one)

    def spread() -> float:
        return per_call_us(lambda: [call() for call in calls], 5) / len(calls)

    us, base, ratio = paired(spread, lambda: per_call_us(single, 5_000))
    pause = _longest_pause_ms(many)
    return [
        Row(
            "P3",
            f"decision over {count:,} accounts / one",
            f"{ratio:.2f}x",
            "<= 2.5x",
            ratio <= 2.5,
            f"{us:.2f} us / {base:.2f} us",
        ),
        Row(
            "P3",
            "memory of an account (flat, limits armed)",
            f"{bytes_each / 1024:.1f} KiB",
            "<= 4 KB with 5 positions",
            bytes_each <= 4096,
        ),
        Row("P4", f"longest collector pause with {count:,} accounts", f"{pause:.2f} ms", "<= 2 ms", pause <= 2),
    ]


def _resident() -> int:
    with open("/proc/self/statm", encoding="ascii") as statm:
        return int(statm.read().split()[1]) * 4096


def _longest_pause_ms(world: Bench) -> float:
    """Return the longest collection while 20,000 orders are decided."""
    gc.collect()
    gc.freeze()
    longest = started = 0.0

    def watch(phase: str, info: dict[str, int]) -> None:
        nonlocal longest, started
        if phase == "start":
            started = time.perf_counter()
        else:
            longest = max(longest, time.perf_counter() - started)

    gc.callbacks.append(watch)
    try:
        for number in range(20_000):
            world.do(world.order(account=f"A{number % len(world.state.accounts)}"))
        gc.collect()
    finally:
        gc.callbacks.remove(watch)
        gc.unfreeze()
    return longest * 1e3
