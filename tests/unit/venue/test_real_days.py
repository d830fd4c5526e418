"""Every real market file drives the exchange, while somebody keeps sending orders of every kind."""

import pytest

from stopline.measures.price_quality import usable
from stopline.model.numbers import QTY_ONE
from stopline.model.order import OrderType, Side, TimeInForce
from stopline.model.quote import Quote
from stopline.venue.exchange import Exchange
from stopline.venue.market import STUB_SPREAD
from stopline.venue.orders import VenueOrder
from stopline.venue.recorded import RecordedFeed
from stopline.venue.reports import Ended, Executed, Refused, Report
from tests.market_files import MARKET, needs_data

FILES = {
    "es_minutes_2013.csv.gz": 7,
    "ibm_ticks_20131007.csv.gz": 40,
    "spy_seconds_20131010.csv.gz": 20,
    "us4_minutes_201310.csv.gz": 9,
    "us_daily_raw_1998_2012.csv.gz": 23,
}
"""File, and how many quotes there are between two orders."""
KINDS = (OrderType.MARKET, OrderType.LIMIT, OrderType.STOP, OrderType.STOP_LIMIT)
TIMES = (TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK, TimeInForce.DAY)
DAY = 86_400 * 10**9


class Trader:
    """Sends an order every few quotes, and looks at each execution."""

    def __init__(self, feed: RecordedFeed) -> None:
        self.exchange = Exchange()
        self.instruments = {each.instrument_id: each for each in feed.instruments()}
        for instrument in self.instruments.values():
            self.exchange.list_instrument(instrument)
        self.left: dict[tuple[str, Side], int] = {}
        self.made = self.filled = self.ended = 0
        self.said: list[str] = []

    def take(self, reports: list[Report], quote: Quote) -> None:
        for report in reports:
            assert not isinstance(report, Refused), report
            if isinstance(report, Ended):
                self.ended += 1
            if isinstance(report, Executed):
                self.executed(report, quote)

    def executed(self, report: Executed, quote: Quote) -> None:
        order = report.order
        assert order.instrument_id == quote.instrument_id
        assert usable(quote.bid, quote.ask, STUB_SPREAD, False), "nothing trades on a quote that is not one"
        assert quote.bid is not None and quote.ask is not None
        met = quote.ask if order.side is Side.BUY else quote.bid
        assert report.price in (met, order.limit_price)
        self.left[order.instrument_id, order.side] -= report.qty
        assert self.left[order.instrument_id, order.side] >= 0
        self.filled += 1
        self.said.append(f"{report.exec_no} {order.order_id} {report.qty} {report.price}")

    def quote(self, quote: Quote) -> None:
        self.take(self.exchange.expire(quote.source_at), quote)
        self.left[quote.instrument_id, Side.BUY] = quote.ask_size
        self.left[quote.instrument_id, Side.SELL] = quote.bid_size
        self.take(self.exchange.quote(quote, quote.source_at), quote)

    def send(self, quote: Quote) -> None:
        number = self.made = self.made + 1
        kind, tif = KINDS[number % 4], TIMES[number // 4 % 4]
        if kind in (OrderType.STOP, OrderType.STOP_LIMIT):
            tif = TimeInForce.DAY
        tick = self.instruments[quote.instrument_id].tick_size
        base = (quote.last_price or quote.bid or quote.ask or 100 * tick) // tick * tick
        price = base + (number % 7 - 3) * tick
        has_limit = kind in (OrderType.LIMIT, OrderType.STOP_LIMIT)
        order = VenueOrder(
            order_id=f"O{number}", owner="A1", instrument_id=quote.instrument_id,
            side=(Side.BUY, Side.SELL)[number // 3 % 2], order_type=kind, time_in_force=tif,
            order_qty=(1 + number % 400) * QTY_ONE, limit_price=price if has_limit else None,
            stop_price=None if kind in (OrderType.MARKET, OrderType.LIMIT) else price,
            expires_at=quote.source_at + DAY if tif is TimeInForce.DAY else 0,
        )  # fmt: skip
        self.take(self.exchange.enter(order, quote.source_at), quote)


def trade(name: str, every: int) -> Trader:
    feed = RecordedFeed(MARKET / name)
    trader = Trader(feed)
    for number, quote in enumerate(feed.read()):
        trader.quote(quote)
        if number % every == 0:
            trader.send(quote)
    return trader


@needs_data
@pytest.mark.parametrize(("name", "every"), FILES.items())
def test_a_real_file_trades(name, every):
    trader = trade(name, every)
    assert trader.filled > 300
    assert trader.ended > 50


@needs_data
def test_it_trades_the_same_way_every_time():
    name = "spy_seconds_20131010.csv.gz"
    assert trade(name, FILES[name]).said == trade(name, FILES[name]).said
