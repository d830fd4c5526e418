"""Alpaca's quotes as a market: the newest first, then the stream, also after it was lost."""

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest

from stopline.brokers.alpaca.client import Keys
from stopline.brokers.alpaca.feed import AlpacaFeed
from stopline.dialects.alpaca.quotes import ShareQuote
from stopline.model.numbers import parse_price, parse_qty
from stopline.model.quote import Quote
from stopline.runtime.transport import AiohttpTransport
from stopline.sim.alpaca.market import hand_quote
from stopline.sim.alpaca.options import SimOptions
from stopline.sim.alpaca.simulator import Simulator
from stopline.venue.equities import equity

PATIENCE_S = 60.0


@pytest.fixture
async def sim() -> AsyncIterator[Simulator]:
    async with Simulator(SimOptions(port=0, market="manual", rate_limit=0)) as running:
        yield running


def quote(sim: Simulator, symbol: str, bid: str, ask: str) -> None:
    instrument = sim.house.book.instruments[symbol]
    sim.take_quote(hand_quote(instrument, parse_price(bid), parse_price(ask), parse_qty("300"), None, sim.at()))


def feed_of(sim: Simulator, secret: str = "simulated-secret") -> AlpacaFeed:
    shares = (equity("AAPL"), equity("SPY"))
    return AlpacaFeed(AiohttpTransport(), sim.url, sim.url, Keys("PKSIMULATED", secret), shares)


class Heard:
    """Hears a feed until it is told to stop."""

    def __init__(self, feed: AlpacaFeed) -> None:
        self.quotes: list[Quote] = []
        self._task = asyncio.ensure_future(self._hear(feed))

    async def _hear(self, feed: AlpacaFeed) -> None:
        async for each in feed.quotes():
            self.quotes.append(each)

    async def until(self, count: int) -> Quote:
        async with asyncio.timeout(PATIENCE_S):
            while len(self.quotes) < count:
                await asyncio.sleep(0.005)
        assert len(self.quotes) == count
        return self.quotes[-1]

    async def stop(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


async def test_the_newest_quotes_come_first_and_the_stream_follows(sim):
    quote(sim, "AAPL", "174.99", "175.01")
    heard = Heard(feed_of(sim))
    newest = await heard.until(1)
    assert (newest.instrument_id, newest.bid, newest.ask) == (
        "eq:US:AAPL",
        parse_price("174.99"),
        parse_price("175.01"),
    )
    assert (newest.bid_size, newest.valid_until, newest.last_price) == (parse_qty("300"), 0, None)
    quote(sim, "MSFT", "380.00", "380.02")
    quote(sim, "SPY", "450.00", "450.02")
    assert (await heard.until(2)).instrument_id == "eq:US:SPY", "and nothing that was not asked for"
    await heard.stop()


async def test_a_lost_stream_is_opened_again_and_what_was_missed_is_told(sim):
    quote(sim, "AAPL", "174.99", "175.01")
    heard = Heard(feed_of(sim))
    await heard.until(1)
    sim.cut_streams()
    quote(sim, "AAPL", "176.00", "176.02")
    async with asyncio.timeout(PATIENCE_S):
        while heard.quotes[-1].bid != parse_price("176.00"):
            await asyncio.sleep(0.005)
    await heard.stop()


async def test_keys_that_are_refused_are_said_and_tried_again_later(sim, caplog):
    with caplog.at_level(logging.WARNING):
        heard = Heard(feed_of(sim, secret="wrong"))
        async with asyncio.timeout(PATIENCE_S):
            while "auth failed (402)" not in caplog.text:
                await asyncio.sleep(0.005)
        await heard.stop()
    assert heard.quotes == []
    assert "wrong" not in caplog.text


def test_what_is_older_than_what_was_told_is_passed_over():
    feed = AlpacaFeed(AiohttpTransport(), "http://x", "http://x", Keys("k", "s"), (equity("AAPL"),))
    assert feed._news(ShareQuote(symbol="AAPL", at=2)) is not None
    assert feed._news(ShareQuote(symbol="AAPL", at=1)) is None
    assert feed._news(ShareQuote(symbol="NOPE", at=3)) is None
