"""kill -9: what the paper broker said is in its book, and the book adds up."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from stopline.measures.pnl import FLAT, book_fill, money_of
from stopline.messages import inputs as i
from stopline.model.numbers import parse_money
from stopline.model.order import Side
from tests.architecture.source import ROOT
from tests.contract.brokers.bench import AAPL, approved, of
from tests.contract.brokers.paper import PaperBench

CYCLES, MOST_CYCLES = 6, 60
"""So many, and more where the machine is so busy that little happens in one."""


def run_victim(folder: Path, first: int, kill_at: int = 0, after_s: float = 0.0) -> list[str]:
    """Return what it printed until it was killed."""
    command = [sys.executable, "-m", "tests.unit.brokers.victim", str(folder), str(first), str(kill_at)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as victim:
        assert victim.stdout is not None
        try:
            lines = []
            while (line := victim.stdout.readline().strip()) != "started":
                assert line, "it ended before it started"
                lines.append(line)
            if not kill_at:
                time.sleep(after_s)
                victim.send_signal(signal.SIGKILL)
            lines += victim.stdout.read().splitlines()
            assert victim.wait(60) == -signal.SIGKILL
        finally:
            victim.kill()
    return lines


async def look(folder: Path) -> PaperBench:
    bench = PaperBench(folder)
    await bench.start()
    return bench


def assert_adds_up(bench: PaperBench) -> None:
    """Cash and position are what all the fills in the file make."""
    house, file = bench.broker._house, bench.broker._file
    assert house is not None and file is not None
    cash, held = parse_money("100000"), FLAT
    by_order: dict[str, int] = {}
    for _, fill in file.fills(file.filled_since("A1", 0, 10**9)):
        money, signed = (
            money_of(fill.qty, fill.price, AAPL.multiplier),
            fill.qty if fill.side is Side.BUY else -fill.qty,
        )
        cash -= money if signed > 0 else -money
        held = book_fill(held, signed, money, fifo=False).holding
        by_order[fill.routed_order_id] = by_order.get(fill.routed_order_id, 0) + fill.qty
    (found,) = of(bench.said, i.AccountReconciled)
    assert found.cash == cash
    assert found.positions == (((AAPL.instrument_id, held.qty, held.cost),) if held.qty else ())
    for routed, filled in by_order.items():
        order = file.order(routed)
        assert order is not None and order.terms.cum_qty == filled <= order.terms.order_qty
        assert order.is_working is (filled < order.terms.order_qty)


@pytest.mark.parametrize("kill_at", [1, 2, 9])
async def test_killed_between_commit_and_acknowledgement_the_order_is_there_once(tmp_path, kill_at):
    heard = run_victim(tmp_path, 0, kill_at)
    routed = f"sl1-{kill_at - 1}"
    assert f"order {routed}" not in heard
    bench = await look(tmp_path)
    assert routed in [each.routed_order_id for each in of(bench.said, i.OrderAccepted)]
    assert_adds_up(bench)
    bench.said.clear()
    await bench.broker.place(approved(routed, size="1", limit="100", tif="gtc"))
    assert [each.routed_order_id for each in of(bench.said, i.OrderAccepted)] == [routed]
    bench.said.clear()
    await bench.broker.query("A1", "sl1-999999")
    assert [each.outcome for each in of(bench.said, i.OrderGone)] == ["expired"], "what never came is absent"
    await bench.stop()


@pytest.mark.slow
async def test_killed_at_any_moment_nothing_that_was_said_is_lost(tmp_path):
    chance = random.Random(7)
    orders: set[str] = set()
    fills: dict[str, str] = {}
    for cycle in range(MOST_CYCLES):
        if cycle >= CYCLES and len(orders) > 20 and len(fills) > 20:
            break
        for line in run_victim(tmp_path, cycle * 100_000, after_s=chance.uniform(0, 0.4)):
            kind, name, *qty = line.split()
            if kind == "order":
                orders.add(name)
            else:
                assert fills.setdefault(name, qty[0]) == qty[0], "one id, one execution"
        bench = await look(tmp_path)
        file = bench.broker._file
        house = bench.broker._house
        assert file is not None and house is not None
        assert_adds_up(bench)
        assert all(file.order(name) for name in orders)
        kept = {house.fill(number, fill).fill.exec_id for number, fill in file.fills(file.filled_since("A1", 0, 10**9))}
        assert fills.keys() <= kept
        await bench.stop()
    assert len(orders) > 20 and len(fills) > 20
