"""A trailing stop that Stopline holds, over the ES minutes of 2013: the bar that triggers it, against a few lines."""

import csv
import gzip
from collections.abc import Iterator
from datetime import UTC, datetime
from fractions import Fraction

import pytest
from msgspec import structs

from stopline.messages import events as e
from stopline.messages import inputs as i
from stopline.messages.upcast import decode_events
from stopline.model.numbers import render_price
from stopline.model.order import OrderType, Side
from stopline.venue.recorded import RecordedFeed
from tests.build import World, money, qty
from tests.market_files import MARKET, needs_data

FILE = MARKET / "es_minutes_2013.csv.gz"
CONTRACT, SYMBOL, TICK = "201312", "ESZ3", Fraction("0.25")
BARS = 9_000


def bars() -> Iterator[tuple[datetime, Fraction | None, Fraction | None, Fraction | None]]:
    """Yield (instant, bid, ask, last trade) of the contract's minutes, as they stand in the file."""
    with gzip.open(FILE, "rt", newline="") as file:
        for row in csv.DictReader(file):
            if row["contract"] == CONTRACT:
                sides = [Fraction(row[name]) if row[name] else None for name in ("bid_close", "ask_close", "close")]
                yield datetime.fromisoformat(row["ts_utc"]), *sides


def trigger_by_hand(side: Side, distance: Fraction, is_share: bool) -> tuple[datetime, Fraction] | None:
    """Follow the mark with a stop on the tick: the instant and the stop at which the mark comes back to it."""
    stop = last = None
    traded_at = datetime.min.replace(tzinfo=UTC)
    for n, (at, bid, ask, close) in enumerate(bars()):
        if n >= BARS:
            break
        if close is not None:
            last, traded_at = close, at
        if bid is None or ask is None or not 0 < bid <= ask or ask - bid > (bid + ask) / 20:
            continue
        is_recent = last is not None and (at - traded_at).total_seconds() <= 60
        mark = min(max(last, bid), ask) if is_recent else (bid + ask) / 2
        if stop is not None and (mark <= stop if side is Side.SELL else mark >= stop):
            return at, stop
        away = mark * distance if is_share else distance
        if side is Side.SELL:
            stop = max(stop or 0, (mark - away) // TICK * TICK)
        else:
            ahead = -(-(mark + away) // TICK) * TICK
            stop = ahead if stop is None else min(stop, ahead)
    return None


@needs_data
@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize(("distance", "is_share"), [("2", False), ("10", False), ("25", False), ("0.005", True)])
def test_the_trigger_bar_equals_an_independent_calculation(side, distance, is_share):
    feed = RecordedFeed(FILE)
    es = next(one for one in feed.instruments() if one.symbol == SYMBOL)
    world = World(instruments=feed.instruments(), strict=False, cash="1000000")
    world.connect(order_types=(OrderType.MARKET, OrderType.LIMIT, OrderType.STOP))
    quotes = [quote for quote in feed.read() if quote.instrument_id == es.instrument_id][:BARS]
    # The world of the tests lives later than the file.
    shift = world.at - quotes[0].source_at
    world.hold("1" if side is Side.SELL else "-1", SYMBOL, "1680")
    trail = {"trail_percent": int(Fraction(distance) * 10**6)} if is_share else {"trail_amount": money(distance)}
    order = world.asking(side, "1", SYMBOL, id="T", order_type=OrderType.TRAILING_STOP, **trail)
    world.step(order)
    for quote in quotes:
        world.at = quote.source_at + shift
        world.step(i.QuoteReceived(quote=structs.replace(quote, valid_until=quote.valid_until + shift)))
        if world.order("T").is_at_broker:
            break
    expected = trigger_by_hand(side, Fraction(distance), is_share)
    assert expected is not None, "the file must trigger it, or nothing is shown"
    at, stop = expected
    assert world.at - shift == int(at.timestamp()) * 10**9
    assert render_price(world.order("T").stop_price or 0) == f"{float(stop):.2f}"
    (released,) = [
        event for record in world.records for event in decode_events(record.body) if isinstance(event, e.OrderReleased)
    ]
    assert (released.order.request.order_type, released.order.request.order_qty) == (OrderType.MARKET, qty("1"))
    world.assert_replays()
