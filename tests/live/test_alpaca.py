"""Alpaca's adapter on Alpaca's paper money: `make test-live BROKER=alpaca`, with its keys in the environment.

Opt-in, and never on real money: the address is the paper one, whatever else is set. Orders
are for one share far below the market, and each is cancelled; nothing should trade.
"""

import asyncio
import os
import time

import pytest

from stopline.bootstrap.brokers import KEY, SECRET
from stopline.brokers.alpaca.adopt import first_look
from stopline.brokers.alpaca.broker import PAPER_URL, AlpacaBroker
from stopline.brokers.alpaca.budget import Budget
from stopline.brokers.alpaca.client import AlpacaClient, Keys
from stopline.brokers.alpaca.symbols import Symbols
from stopline.messages import inputs as i
from stopline.model.numbers import parse_price, parse_qty
from stopline.runtime.transport import AiohttpTransport
from tests.contract.brokers.bench import AAPL, ACCOUNT, about, approved, change, of

PATIENCE_S = 60.0
pytestmark = [
    pytest.mark.skipif(os.environ.get("STOPLINE_LIVE") != "alpaca", reason="opt-in: make test-live BROKER=alpaca"),
    pytest.mark.skipif(not (os.environ.get(KEY) and os.environ.get(SECRET)), reason=f"needs {KEY} and {SECRET}"),
    pytest.mark.timeout(300),
]
EPOCH = int(time.time())


class Desk:
    """The adapter, and what it said."""

    def __init__(self) -> None:
        self.said: list[i.Input] = []
        self.broker: AlpacaBroker
        self._number = 0

    async def open(self) -> None:
        keys, transport = Keys(os.environ[KEY], os.environ[SECRET]), AiohttpTransport()
        client = AlpacaClient(transport, PAPER_URL, keys, Budget())
        memory = await first_look(client, Symbols((AAPL,)), ACCOUNT, time.time_ns())
        self.broker = AlpacaBroker(transport, PAPER_URL, keys, ACCOUNT, (AAPL,), memory)
        await self.broker.start(self.said.append)

    def next_id(self) -> str:
        self._number += 1
        return f"sl{EPOCH}-{self._number}"

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
    from msgspec import structs

    from stopline.ports.broker import BrokerRejected

    order = structs.replace(approved(desk.next_id(), side="sell", size="1", limit="90000.00"), reducing=True)
    try:
        with pytest.raises(BrokerRejected):
            await desk.broker.place(order)
    finally:
        await desk.broker.cancel(ACCOUNT, order.routed_order_id)
