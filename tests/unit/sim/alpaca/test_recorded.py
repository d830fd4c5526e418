"""A recording at the simulator: where it begins, and what of it is past."""

import asyncio
from pathlib import Path

import pytest

from stopline.config.instants import read_instant
from stopline.dialects.alpaca.create import CreateOrder
from stopline.dialects.alpaca.words import Status
from stopline.model.numbers import parse_price, parse_qty
from stopline.model.order import OrderType, Side, TimeInForce
from stopline.sim.alpaca.market import MarketRefused
from stopline.sim.alpaca.options import SimOptions
from stopline.sim.alpaca.simulator import Simulator

HEADER = "symbol,ts_utc,open,high,low,close,volume,bid,bid_size,ask,ask_size"
DAY = "2013-10-07T14:0{}:00Z"


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """Five minutes of IBM: at 90 for the first three, at 100 for the last two."""
    path = tmp_path / "ibm_minutes.csv"
    prices = ["90.00,500,90.02", "90.00,500,90.02", "90.00,500,90.02", "100.00,500,100.02", "100.00,500,100.02"]
    rows = [f"IBM,{DAY.format(minute)},,,,,,{price},500" for minute, price in enumerate(prices)]
    path.write_text("\n".join([HEADER, *rows, ""]))
    return path


@pytest.fixture
def seconds(recording: Path, tmp_path: Path) -> Path:
    """The same in the form that does not say how long a quote stands."""
    path = tmp_path / "ibm_seconds.csv"
    path.write_text(recording.read_text().replace("symbol,", "").replace("IBM,", ""))
    return path


def options(recording: Path, **more: object) -> SimOptions:
    return SimOptions(port=0, market=str(recording), rate_limit=0, **more)


async def quoted(sim: Simulator, price: str) -> None:
    async with asyncio.timeout(60):
        while sim.house.floor.price("IBM") != parse_price(price):
            await asyncio.sleep(0.005)


async def test_it_begins_where_it_is_told_with_the_quote_that_stands(recording: Path):
    async with Simulator(options(recording, speed=600, begin=read_instant("2013-10-07T14:02:30Z"))) as sim:
        assert read_instant("2013-10-07T14:02:30Z") <= sim.at()
        await quoted(sim, "100.01")
        assert sim.house.floor.price("IBM") == parse_price("100.01")


async def test_a_life_later_what_is_past_trades_with_nobody(seconds: Path, tmp_path: Path):
    """An order that rests through a crash of the simulator must not meet the quotes from before it."""
    state = tmp_path / "alpaca.json"
    first = options(seconds, speed=600, begin=read_instant("2013-10-07T14:03:00Z"), state=state)
    async with Simulator(first) as sim:
        await quoted(sim, "100.01")
        order = CreateOrder(
            symbol="IBM", side=Side.BUY, order_type=OrderType.LIMIT, time_in_force=TimeInForce.GTC,
            qty=parse_qty("5"), limit_price=parse_price("95"),
        )  # fmt: skip
        sim.house.submit(order, sim.at())
        sim._save()
    async with Simulator(options(seconds, speed=600, state=state)) as sim:
        await quoted(sim, "100.01")
        (left,) = sim.house.book.open_orders()
        assert (left.status, left.filled_qty) == (Status.NEW, 0)


async def test_it_does_not_begin_behind_its_end(recording: Path):
    with pytest.raises(MarketRefused, match="ends at 2013-10-07T14:04:00Z, before 2013-10-08"):
        await Simulator(options(recording, begin=read_instant("2013-10-08T14:00:00Z"))).start()
