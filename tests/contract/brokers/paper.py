"""The paper broker on its bench."""

from pathlib import Path
from typing import Any

from stopline.brokers.paper import PaperBroker
from stopline.messages.inputs import Input
from stopline.model.account import AccountTerms
from stopline.model.instrument import Instrument
from stopline.model.numbers import parse_price, parse_qty
from stopline.model.order import Side
from stopline.model.quote import Quote
from stopline.runtime.sessions import find_session
from tests.contract.brokers.bench import AAPL, ES, TERMS, HandClock


class PaperBench:
    """A paper broker over a file, with quotes by hand."""

    def __init__(
        self,
        folder: Path,
        *,
        accounts: tuple[AccountTerms, ...] = (TERMS,),
        instruments: tuple[Instrument, ...] = (AAPL, ES),
        **options: Any,
    ) -> None:
        self.path, self.clock = folder / "paper.db", HandClock()
        self.accounts, self.instruments, self.options = accounts, instruments, options
        self.said: list[Input] = []
        self.broker = self._make()

    def _make(self) -> PaperBroker:
        return PaperBroker(self.path, self.clock, find_session, self.accounts, self.instruments, **self.options)

    async def start(self) -> None:
        await self.broker.start(self.hear)

    def hear(self, report: Input) -> None:
        self.said.append(report)

    async def settle(self) -> None:
        await self.broker.settle()

    async def fill(self, routed_order_id: str, qty: str, price: str) -> None:
        """Quote the order's limit once, with as much size as shall trade, and take the quote away again."""
        house = self.broker._house
        assert house is not None
        terms = house.orders[routed_order_id].terms
        at, size = parse_price(price), parse_qty(qty)
        tick = AAPL.tick_size if terms.instrument_id == AAPL.instrument_id else ES.tick_size
        bid, ask = (at - tick, at) if terms.side is Side.BUY else (at, at + tick)
        self.broker.deliver(Quote(terms.instrument_id, self.clock.at(), bid, ask, size, size))
        self.broker.deliver(Quote(terms.instrument_id, self.clock.at()))
        await self.settle()

    async def quote(self, bid: str, ask: str, size: str = "1000", instrument: Instrument = AAPL, **terms: Any) -> None:
        """Deliver a quote and wait for what it does."""
        shown = parse_qty(size)
        quote = Quote(
            instrument.instrument_id, self.clock.at(), parse_price(bid), parse_price(ask), shown, shown, **terms
        )
        self.broker.deliver(quote)
        await self.settle()

    async def restart(self) -> None:
        """Everything in memory is gone; nothing was told to the file."""
        await self.stop()
        self.said.clear()
        self.broker = self._make()
        await self.start()

    async def stop(self) -> None:
        await self.broker.close()
