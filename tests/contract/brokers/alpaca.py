"""Alpaca's broker on its bench: over real sockets, against the simulator."""

import asyncio
from pathlib import Path
from typing import Any

from stopline.brokers.alpaca.broker import AlpacaBroker
from stopline.brokers.alpaca.client import Keys
from stopline.brokers.alpaca.memory import Memory
from stopline.messages.inputs import Input
from stopline.model.numbers import parse_price, parse_qty
from stopline.model.order import Side
from stopline.model.quote import Quote
from stopline.runtime.transport import AiohttpTransport
from stopline.sim.alpaca.market import hand_quote
from stopline.sim.alpaca.options import SimOptions
from stopline.sim.alpaca.show import ACCOUNT_ID
from stopline.sim.alpaca.simulator import Simulator
from tests.contract.brokers.bench import AAPL, ACCOUNT, TERMS

PATIENCE_S = 60.0


class AlpacaBench:
    """A simulator on the test's own loop, with quotes by hand, and the broker that talks to it."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self.options = SimOptions(
            **{"port": 0, "market": "manual", "rate_limit": 0, "cash": TERMS.opening_cash, **options}
        )
        self.sim = Simulator(self.options)
        self.terms: dict[str, Any] = {"horizon_s": 0.0}
        self.said: list[Input] = []
        self._offset = 0
        self.broker: AlpacaBroker

    def _make(self) -> AlpacaBroker:
        keys = Keys(self.options.key, self.options.secret)
        began = self.sim.house.book.began_at
        memory = Memory(account=ACCOUNT, alpaca_account=ACCOUNT_ID, opening_cash=TERMS.opening_cash, adopted_at=began)
        memory.since = began
        return AlpacaBroker(AiohttpTransport(), self.sim.url, keys, ACCOUNT, (AAPL,), memory, **self.terms)

    async def start(self) -> None:
        await self.sim.start()
        self.quote("50", "200")
        await self._connect()

    async def _connect(self) -> None:
        self._offset = self.sim.hub.events
        self.broker = self._make()
        await self.broker.start(self.hear)

    def hear(self, report: Input) -> None:
        self.said.append(report)

    async def settle(self) -> None:
        """Wait until the stream has brought all that the simulator told, and it was reported."""
        async with asyncio.timeout(PATIENCE_S):
            while self.broker.updates < self.sim.hub.events - self._offset:
                await asyncio.sleep(0.001)
        await self.broker.settle()

    def quote(self, bid: str, ask: str, size: str = "10000") -> None:
        """Let a quote come."""
        instrument = self.sim.house.book.instruments["AAPL"]
        self.sim.take_quote(
            hand_quote(instrument, parse_price(bid), parse_price(ask), parse_qty(size), None, self.sim.at())
        )

    async def fill(self, routed_order_id: str, qty: str, price: str) -> None:
        """Quote the order's limit once, with as much size as shall trade, and take the quote away again."""
        await self.settle()
        kept = self.broker._book.find(routed_order_id)
        assert kept is not None
        at, tick, size = parse_price(price), AAPL.tick_size, parse_qty(qty)
        bid, ask = (at - tick, at) if kept.current.side == Side.BUY else (at, at + tick)
        instrument, now = self.sim.house.book.instruments["AAPL"], self.sim.at()
        self.sim.take_quote(hand_quote(instrument, bid, ask, size, None, now))
        self.sim.take_quote(Quote(AAPL.instrument_id, now))
        await self.settle()

    async def restart(self) -> None:
        """Our side is gone with everything that it knew; the simulator goes on."""
        await self.broker.close()
        self.said.clear()
        await self._connect()

    async def stop(self) -> None:
        await self.broker.close()
        await self.sim.stop()
