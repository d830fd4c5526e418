"""Alpaca's adapter on Alpaca's paper money: `make test-live BROKER=alpaca`, with its keys in the environment.

Opt-in, and never on real money (practice.py). What is not in the contract of every broker. Orders
are for one share far below the market, and each is cancelled; nothing should trade.
"""

import asyncio
import time
from itertools import count

import pytest
from msgspec import structs

from stopline.brokers.alpaca.adopt import first_look
from stopline.brokers.alpaca.broker import AlpacaBroker
from stopline.brokers.alpaca.budget import Budget
from stopline.brokers.alpaca.client import AlpacaClient
from stopline.brokers.alpaca.symbols import Symbols
from stopline.messages import inputs as i
from stopline.model.numbers import parse_price, parse_qty
from stopline.ports.broker import BrokerRejected
from stopline.runtime.transport import AiohttpTransport
from tests.contract.brokers.bench import AAPL, ACCOUNT, about, approved, change, of
from tests.live.practice import need_account

PATIENCE_S = 60.0
URL, KEYS = need_account()
pytestmark = pytest.mark.timeout(300)
EPOCH, NUMBERS = int(time.time()), count(1)
"""No id may come twice on an account that outlives the test."""


class Desk:
    """The adapter, and what it said."""

    def __init__(self) -> None:
        self.said: list[i.Input] = []
        self.broker: AlpacaBroker

    async def open(self) -> None:
        transport = AiohttpTransport()
        client = AlpacaClient(transport, URL, KEYS, Budget())
        memory = await first_look(client, Symbols((AAPL,)), ACCOUNT, time.time_ns())
        self.broker = AlpacaBroker(transport, URL, KEYS, ACCOUNT, (AAPL,), memory)
        await self.broker.start(self.said.append)

    def next_id(self) -> str:
        return f"sl{EPOCH}-{next(NUMBERS)}"

    async def until(self, kind: type, routed: str) -> i.Input:
        async with asyncio.timeout(PATIENCE_S):
            while not (found := [each for each in about(self.said, routed) if isinstance(each, kind)]):
                await asyncio.sleep(0.05)
        return found[-1]


@pytest.fixture
async def desk():
    made = Desk()
    await made.open()
    yield made
    await made.broker.close()


async def test_the_account_is_read(desk):
    assert isinstance(desk.said[0], i.BrokerConnected), desk.said
    assert len(of(desk.said, i.AccountReconciled)) == 1


async def test_an_order_is_placed_replaced_asked_after_and_cancelled(desk):
    routed = desk.next_id()
    order = approved(routed, size="1", limit="2.00", tif="gtc")
    await desk.broker.place(order)
    await desk.until(i.OrderAccepted, routed)
    await desk.broker.place(order)
    desk.said.clear()
    await desk.broker.query(ACCOUNT, routed)
    await desk.until(i.OrderAccepted, routed)
    await desk.broker.settle()
    desk.said.clear()
    await desk.broker.replace(routed, change(order, "1", "2.01"))
    answer = await desk.until(i.OrderAmended | i.ReplaceRefused, routed)
    assert answer.limit_price == parse_price("2.01"), f"outside market hours Alpaca may refuse this: {answer}"
    assert answer.order_qty == parse_qty("1")
    await desk.broker.cancel(ACCOUNT, routed)
    gone = await desk.until(i.OrderGone, routed)
    assert (gone.outcome, gone.cum_qty) == ("canceled", 0)


async def test_a_close_with_nothing_to_close_opens_nothing(desk):
    """What is not known of Alpaca: whether it honours `position_intent` for shares."""
    order = structs.replace(approved(desk.next_id(), side="sell", size="1", limit="90000.00"), reducing=True)
    try:
        await desk.broker.place(order)
    except BrokerRejected:
        return
    await desk.broker.cancel(ACCOUNT, order.routed_order_id)
    pytest.fail("it was taken: a late close could open a position")
