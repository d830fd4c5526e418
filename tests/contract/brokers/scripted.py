"""The in-memory twin on its bench: what holds of a real broker must hold of it too."""

import asyncio
from pathlib import Path

from stopline.messages.inputs import Input
from stopline.model.numbers import parse_price, parse_qty
from tests.contract.brokers.bench import AAPL, ACCOUNT, ES, TERMS
from tests.twins.broker import ScriptedBroker


class ScriptedBench:
    """A scripted broker, filled by hand."""

    def __init__(self, folder: Path) -> None:
        self.said: list[Input] = []
        self.broker = ScriptedBroker({ACCOUNT: TERMS.opening_cash}, (AAPL, ES))

    async def start(self) -> None:
        await self.broker.start(self.hear)
        await self.settle()

    def hear(self, report: Input) -> None:
        self.said.append(report)

    async def settle(self) -> None:
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    async def fill(self, routed_order_id: str, qty: str, price: str) -> None:
        self.broker.fill(routed_order_id, parse_qty(qty), parse_price(price))
        await self.settle()

    async def restart(self) -> None:
        await self.stop()
        self.said.clear()
        await self.start()

    async def stop(self) -> None:
        await self.broker.close()
