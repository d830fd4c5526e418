"""Market data by the vendor's clients: the newest quotes by request, and the stream that follows."""

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from tests.oracles.alpaca.sdk import APIError
from tests.sims import RunningSim, wait_until

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # it imports websockets.legacy
    from alpaca.data.historical import StockHistoricalDataClient
    from alpaca.data.live import StockDataStream
    from alpaca.data.models import Quote
    from alpaca.data.requests import StockLatestQuoteRequest


@pytest.fixture
def data(sim: RunningSim) -> Iterator[StockHistoricalDataClient]:
    client = StockHistoricalDataClient(sim.options.key, sim.options.secret, url_override=sim.url)
    yield client
    client._session.close()


def test_the_newest_quotes(data: StockHistoricalDataClient, sim: RunningSim):
    sim.quote("AAPL", "101.25", "101.27", size="300")
    found = data.get_stock_latest_quote(StockLatestQuoteRequest(symbol_or_symbols=["AAPL", "SPY", "MSFT"]))
    assert sorted(found) == ["AAPL", "SPY"], "nobody has quoted MSFT"
    quote = found["AAPL"]
    assert (quote.bid_price, quote.ask_price, quote.bid_size, quote.ask_size) == (101.25, 101.27, 300.0, 300.0)
    assert abs((datetime.now(UTC) - quote.timestamp).total_seconds()) < 3_600
    with pytest.raises(APIError):
        data.get_stock_latest_quote(StockLatestQuoteRequest(symbol_or_symbols=[]))


@contextmanager
def heard(sim: RunningSim, *symbols: str) -> Iterator[list[Quote]]:
    """Listen with the vendor's stream until the end of the block."""
    quotes: list[Quote] = []

    async def hear(quote: Quote) -> None:
        quotes.append(quote)

    stream = StockDataStream(sim.options.key, sim.options.secret, url_override=sim.simulator.quotes_url)
    stream._reconnect_min_backoff = 0.05
    stream.subscribe_quotes(hear, *symbols)
    thread = threading.Thread(target=stream.run, name="alpaca-py quotes")
    thread.start()
    try:
        wait_until(lambda: sim.simulator.house.tape.listening, "a stream that listens")
        yield quotes
    finally:
        stream.stop()
        sim.control("POST", "/drop")  # else it sits in its read for five more seconds
        thread.join(40)
        assert not thread.is_alive()


def test_the_stream_of_quotes(sim: RunningSim):
    with heard(sim, "AAPL", "SPY") as quotes:
        sim.quote("MSFT", "300.00", "300.02")
        sim.quote("AAPL", "101.25", "101.27", size="300")
        sim.quote("SPY", "451.00", "451.02")
        wait_until(lambda: len(quotes) == 2, "two quotes")
        assert [quote.symbol for quote in quotes] == ["AAPL", "SPY"]
        assert (quotes[0].bid_price, quotes[0].ask_price, quotes[0].ask_size) == (101.25, 101.27, 300.0)
        assert abs((datetime.now(UTC) - quotes[0].timestamp).total_seconds()) < 3_600
        assert sim.control("POST", "/drop") == {"cut": 1}
        wait_until(lambda: sim.simulator.house.tape.listening, "it is back by itself")
        sim.quote("SPY", "452.00", "452.02")
        wait_until(lambda: len(quotes) == 3, "and hears what comes then")
