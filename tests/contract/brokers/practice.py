"""Alpaca's broker on a bench that cannot move the market: a practice account, or a simulator in another process.

What the suite asks of a market that trades on command is skipped, with a reason. Everything else
runs as it is: ids are made unique to the run, because the account outlives it, and cash is counted
from what the account had when the test began.
"""

import asyncio
import time
from typing import Any

import pytest
from msgspec import structs

from stopline.brokers.alpaca.adopt import first_look
from stopline.brokers.alpaca.broker import AlpacaBroker
from stopline.brokers.alpaca.budget import Budget
from stopline.brokers.alpaca.client import AlpacaClient, Keys
from stopline.brokers.alpaca.memory import Memory
from stopline.brokers.alpaca.symbols import Symbols
from stopline.dialects.alpaca.orders import Order
from stopline.dialects.alpaca.query import OrdersQuery
from stopline.messages import inputs as i
from stopline.messages.events import OrderApproved, ReplaceApproved
from stopline.messages.inputs import Input
from stopline.model.order import Side
from stopline.ports.broker import Broker
from stopline.runtime.transport import AiohttpTransport
from tests.contract.brokers.bench import AAPL, ACCOUNT, TERMS

PATIENCE_S = 60.0
LEAST_LEFT = 60
"""So many messages of the minute's budget a test must find."""
UNDER_WAY = ("pending_new", "pending_cancel", "pending_replace", "accepted_for_bidding")
ALIKE = {"pending_new", "accepted", "new"}
"""An order that works. An answer and an event of one instant may come in either order."""
NO_MARKET = "a practice account's market trades when it wants, and not when a test says so"


class Renaming:
    """A broker whose orders are called otherwise at Alpaca. It notes what was asked and is to be answered."""

    def __init__(self, broker: AlpacaBroker, bench: "PracticeBench") -> None:
        self._broker, self._bench = broker, bench
        self.name, self.capabilities, self.at_once = broker.name, broker.capabilities, broker.at_once

    async def place(self, order: OrderApproved) -> None:
        if order.request.side is not Side.BUY or order.request.limit_price is None:
            pytest.skip(f"{NO_MARKET}: this order would trade")
        self._bench.expect(order.routed_order_id)
        await self._broker.place(structs.replace(order, routed_order_id=self._bench.theirs(order.routed_order_id)))

    async def cancel(self, account: str, routed_order_id: str) -> None:
        self._bench.expect(routed_order_id)
        await self._broker.cancel(account, self._bench.theirs(routed_order_id))

    async def replace(self, routed_order_id: str, change: ReplaceApproved) -> None:
        if not self._bench.is_open:
            pytest.skip("the market is closed, and Alpaca replaces nothing that waits for it")
        self._bench.expect(routed_order_id)
        await self._broker.replace(self._bench.theirs(routed_order_id), change)

    async def query(self, account: str, routed_order_id: str) -> None:
        self._bench.expect(routed_order_id)
        await self._broker.query(account, self._bench.theirs(routed_order_id))

    async def reconcile(self, account: str) -> None:
        await self._broker.reconcile(account)

    async def close(self) -> None:
        await self._broker.close()


class PracticeBench:
    """One test on the account. It must be empty, and nobody else may trade it meanwhile."""

    def __init__(self, url: str, keys: Keys, pause_s: float) -> None:
        self._url, self._keys, self._pause_s = url, keys, pause_s
        self._run = time.time_ns() // 1_000_000
        self._transport = AiohttpTransport()
        self._client = AlpacaClient(self._transport, url, keys, Budget())
        self._memory: Memory
        self._broker: AlpacaBroker | None = None
        self._owed: dict[str, int] = {}
        self._heard: dict[str, int] = {}
        self.said: list[Input] = []
        self.broker: Broker
        self.is_open = False

    # --- what the suite needs ------------------------------------------------------------------

    async def start(self) -> None:
        await self._wait_for_budget()
        if await self._client.positions() or await self._client.orders(OrdersQuery(status="open")):
            await self._transport.close()
            pytest.skip("the practice account holds positions or open orders: use an empty one")
        self.is_open = (await self._client.clock()).is_open
        self._memory = await first_look(self._client, Symbols((AAPL,)), ACCOUNT, time.time_ns())
        await self._connect()

    async def _connect(self) -> None:
        transport, memory = AiohttpTransport(), structs.replace(self._memory)
        self._broker = AlpacaBroker(transport, self._url, self._keys, ACCOUNT, (AAPL,), memory, horizon_s=0.0)
        self.broker = Renaming(self._broker, self)
        hear = self.hear
        await self._broker.start(lambda report: hear(self._told(report)))

    def hear(self, report: Input) -> None:
        self.said.append(report)

    async def fill(self, routed_order_id: str, qty: str, price: str) -> None:
        pytest.skip(NO_MARKET)

    async def settle(self) -> None:
        """Wait until what was asked is answered, and the broker's book says of each order what Alpaca says."""
        assert self._broker is not None
        async with asyncio.timeout(PATIENCE_S):
            while any(self._heard.get(routed, 0) < count for routed, count in self._owed.items()):
                await asyncio.sleep(0.005)
            while not all(self._agrees(order) for order in await self._orders()):
                await asyncio.sleep(self._pause_s)
        await self._broker.settle()

    async def restart(self) -> None:
        await self.broker.close()
        self.said.clear()
        await self._connect()

    async def stop(self) -> None:
        """Cancel what this test has left, and let go. May be called again."""
        if self._broker is None:
            return
        broker, self._broker = self._broker, None
        await broker.close()
        for order in await self._orders():
            if not order.has_ended:
                await self._client.cancel(order.id)
        await self._transport.close()

    # --- the account's names and ours ------------------------------------------------------------

    def theirs(self, routed: str) -> str:
        """Return how an order is called at Alpaca."""
        return routed.replace("sl", f"sl{self._run}", 1)

    def expect(self, routed: str) -> None:
        """Note that something was asked about an order: it is answered by one report more."""
        self._owed[routed] = self._heard.get(routed, 0) + 1

    def _told(self, report: Input) -> Input:
        """Return a report as the suite knows names and money."""
        more: dict[str, Any] = {}
        if isinstance(report, i.AccountReconciled | i.AccountReported):
            more["cash"] = report.cash - self._memory.opening_cash + TERMS.opening_cash
        if isinstance(report, i.AccountReconciled):
            more["working"] = tuple(self._ours(each) for each in report.working)
        routed = getattr(report, "routed_order_id", None)
        if routed is not None:
            more["routed_order_id"] = name = self._ours(routed)
            self._heard[name] = self._heard.get(name, 0) + 1
        return structs.replace(report, **more)

    def _ours(self, routed: str) -> str:
        return routed.replace(f"sl{self._run}", "sl", 1)

    # --- what Alpaca says --------------------------------------------------------------------------

    async def _orders(self) -> list[Order]:
        """Return the orders of this test."""
        found = await self._client.orders(OrdersQuery(status="all", limit=100))
        return [order for order in found if order.client_order_id.startswith(f"sl{self._run}")]

    def _agrees(self, order: Order) -> bool:
        assert self._broker is not None
        kept = self._broker._book.by_link(order.id)
        if kept is None or order.status in UNDER_WAY:
            return False
        known = kept.links[order.id]
        return known.status == order.status or {known.status, order.status} <= ALIKE

    async def _wait_for_budget(self) -> None:
        """Wait for the next minute if this one has no messages left for a test."""
        async with asyncio.timeout(2 * PATIENCE_S):
            while True:
                await self._client.account()
                if self._client.budget.left >= LEAST_LEFT:
                    return
                await asyncio.sleep(5)
