"""The synthetic market: semantics.md section 5 (start prices) and 12 (2 % for the first minute)."""

import asyncio
from itertools import pairwise

import pytest

from stopline.measures.price_quality import usable
from stopline.model.instrument import AssetClass
from stopline.model.numbers import SECOND, parse_price
from stopline.model.quote import Quote
from stopline.venue.equities import START_PRICES
from stopline.venue.futures import find_future
from stopline.venue.synthetic import INDEX_START, SyntheticFeed
from tests.unit.venue.build import NOW

STARTS = {f"eq:US:{symbol}": price for symbol, price in START_PRICES.items()}


class Clock:
    """Engine time that jumps to whatever is slept for."""

    name = "wall"

    def __init__(self, at: int = NOW) -> None:
        self.now = at

    def at(self) -> int:
        return self.now

    async def sleep_until(self, due: int) -> None:
        self.now = max(self.now, due)
        await asyncio.sleep(0)


async def first(feed: SyntheticFeed, count: int) -> list[Quote]:
    quotes = []
    async for quote in feed.quotes():
        quotes.append(quote)
        if len(quotes) == count:
            break
    return quotes


def starts(feed: SyntheticFeed) -> dict[str, int]:
    return {
        each.instrument_id: STARTS.get(each.instrument_id) or INDEX_START[each.product.removeprefix("fut:")]
        for each in feed.instruments()
    }


def test_it_says_what_it_is():
    feed = SyntheticFeed(7, Clock())
    assert (feed.name, feed.is_recorded, feed.starts_at()) == ("synthetic:7", False, None)


def test_it_quotes_the_seeded_symbols_and_index_futures():
    names = [each.instrument_id for each in SyntheticFeed(7, Clock()).instruments()]
    assert len(START_PRICES) == 25
    assert set(names[:25]) == set(STARTS)
    assert names[25:] == [f"fut:{root}:2026-03" for root in ("ES", "MES", "NQ", "MNQ", "YM", "MYM", "RTY", "M2K")]
    assert len(SyntheticFeed(7, Clock(), futures=False).instruments()) == 25


@pytest.mark.parametrize("seed", [0, 7, 10**17])
async def test_for_a_minute_all_stay_within_two_percent_of_their_start(seed):
    feed = SyntheticFeed(seed, Clock())
    start = starts(feed)
    quotes = [quote for quote in await first(feed, 33 * 125) if quote.source_at <= NOW + 60 * SECOND]
    assert {quote.instrument_id for quote in quotes} == set(start)
    for quote in quotes:
        middle = start[quote.instrument_id]
        for price in (quote.bid, quote.ask, quote.last_price or middle):
            assert price is not None
            assert abs(price - middle) * 50 <= middle


async def test_its_quotes_are_good_ones():
    feed = SyntheticFeed(7, Clock())
    by_id = {each.instrument_id: each for each in feed.instruments()}
    spreads = set()
    for quote in await first(feed, 33 * 100):
        instrument = by_id[quote.instrument_id]
        assert quote.bid is not None and quote.ask is not None
        assert usable(quote.bid, quote.ask, 5_000, False)
        assert quote.bid % instrument.tick_size == quote.ask % instrument.tick_size == 0
        spreads.add((quote.ask - quote.bid) // instrument.tick_size)
        lot = instrument.lot_size * (100 if instrument.asset_class is AssetClass.EQUITY else 1)
        assert quote.bid_size > 0 < quote.ask_size
        assert quote.bid_size % lot == quote.ask_size % lot == quote.last_size % lot == 0
        assert quote.last_price in (None, quote.bid, quote.ask)
        assert (quote.last_price is None) == (quote.last_size == 0)
    assert spreads == {1, 2, 3}


async def test_the_same_seed_makes_the_same_market_and_another_seed_another():
    one, same, other = [await first(SyntheticFeed(seed, Clock()), 500) for seed in (7, 7, 8)]
    assert one == same
    assert [quote.bid for quote in one] != [quote.bid for quote in other]


async def test_a_restart_goes_on_where_the_market_would_have_been():
    whole = await first(SyntheticFeed(7, Clock(), begins_at=NOW), 33 * 40)
    clock = Clock(NOW + 15 * SECOND)
    resumed = await first(SyntheticFeed(7, clock, begins_at=NOW), 33 * 9)
    later = [quote for quote in whole if quote.source_at >= NOW + 15 * SECOND + SECOND // 2]
    assert resumed[33:] == later[: len(resumed) - 33]


async def test_all_are_quoted_at_once_and_then_evenly():
    clock = Clock()
    feed = SyntheticFeed(7, clock)
    quotes = await first(feed, 99)
    assert {quote.source_at for quote in quotes[:33]} == {NOW}, "so that a start is ready at once"
    times = [quote.source_at for quote in quotes[33:]]
    assert times[0] == NOW + SECOND // 2
    assert all(0 < later - earlier <= SECOND // 60 for earlier, later in pairwise(times))


async def test_after_a_pause_it_does_not_catch_up():
    """A machine that slept gets today's quotes, not a flood of yesterday's."""
    clock = Clock()
    feed = SyntheticFeed(7, clock)
    source = feed.quotes()
    for _ in range(33):
        await anext(source)
    clock.now += 3_600 * SECOND
    for _ in range(33):
        await anext(source)
    assert clock.now < NOW + 3_601 * SECOND
    await source.aclose()


def test_a_held_contract_that_is_no_longer_in_front_is_quoted_too():
    old = find_future("ESZ5", NOW)
    assert old is not None
    feed = SyntheticFeed(7, Clock(), also=[old])
    assert old in feed.instruments()
    assert len(feed.instruments()) == 34
    assert len(SyntheticFeed(7, Clock(), also=[*feed.instruments()]).instruments()) == 34


async def test_contracts_on_one_index_move_together():
    quotes = {quote.instrument_id: quote for quote in await first(SyntheticFeed(7, Clock()), 33 * 50)}
    es, mes = quotes["fut:ES:2026-03"].bid, quotes["fut:MES:2026-03"].bid
    assert es is not None and mes is not None
    assert abs(es - mes) < parse_price("5")


async def test_the_rate_is_a_choice():
    clock = Clock()
    quotes = await first(SyntheticFeed(7, clock, futures=False, per_second=10), 25 * 12)
    assert sum(quote.source_at < NOW + SECOND for quote in quotes) == 25 * 10
