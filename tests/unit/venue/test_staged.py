"""A script over a live market: told prices at once, all others untouched, and on from there when it ends."""

from collections.abc import AsyncIterator

from stopline.model.instrument import Instrument
from stopline.model.numbers import Nanos, parse_price
from stopline.model.quote import Quote
from stopline.venue.equities import equity
from stopline.venue.staged import SHOWN, Scene, StagedFeed

AAPL, MSFT = equity("AAPL"), equity("MSFT")
TOLD = Scene(AAPL.instrument_id, parse_price("175.00"), parse_price("175.02"))


class Live:
    """A market whose quotes rise by a dollar each."""

    name = "live"
    is_recorded = False

    def instruments(self) -> tuple[Instrument, ...]:
        return (AAPL, MSFT)

    def starts_at(self) -> Nanos | None:
        return None

    async def quotes(self) -> AsyncIterator[Quote]:
        for at in range(1, 100):
            name = (AAPL if at % 2 else MSFT).instrument_id
            yield Quote(name, at, at * 10**8, at * 10**8 + 1, 5, 5, None, 0)


async def take(quotes, count):
    return [await anext(quotes) for _ in range(count)]


async def test_without_a_script_quotes_pass_untouched():
    feed = StagedFeed(Live())
    assert feed.name == "live, with a script"
    assert (feed.instruments(), feed.starts_at(), feed.is_recorded) == ((AAPL, MSFT), None, False)
    first, second = await take(feed.quotes(), 2)
    assert (first.bid, second.bid) == (10**8, 2 * 10**8)


async def test_what_is_told_comes_before_anything_else_and_stays():
    feed = StagedFeed(Live())
    quotes = feed.quotes()
    await take(quotes, 2)
    feed.show(TOLD)
    news, same, other, again = await take(quotes, 4)
    for quote in (news, same, again):
        assert (quote.instrument_id, quote.bid, quote.ask) == (TOLD.instrument_id, TOLD.bid, TOLD.ask)
        assert (quote.bid_size, quote.ask_size, quote.last_price) == (SHOWN, SHOWN, TOLD.bid)
    assert (other.instrument_id, other.bid) == (MSFT.instrument_id, 4 * 10**8)
    assert [news.source_at, same.source_at, again.source_at] == [3, 3, 5], "in order of time"


async def test_a_script_that_ends_leaves_the_price_where_it_is():
    feed = StagedFeed(Live())
    quotes = feed.quotes()
    feed.show(TOLD)
    await take(quotes, 3)
    feed.release()
    on, _, later = await take(quotes, 3)
    assert on.bid == TOLD.bid, "no jump"
    assert later.bid == TOLD.bid + 2 * 10**8, "and then it moves as the market beneath does"
    feed.show(TOLD)
    await take(quotes, 1)
    assert (await take(quotes, 2))[1].bid == TOLD.bid, "a new script takes over again"
