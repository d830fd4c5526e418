"""Recorded markets: formats, real files, and files that are wrong."""

import gzip
from collections import Counter
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from stopline.measures.price_quality import usable
from stopline.model.numbers import SECOND, parse_price, parse_qty, render_price
from stopline.model.quote import Quote
from stopline.venue.readers.form import RecordingError
from stopline.venue.recorded import CHUNK, RecordedFeed
from tests.market_files import MARKET, needs_data

ES = "ts_utc,root,contract,open,high,low,close,volume,bid_close,bid_size,ask_close,ask_size"
TICKS = "ts_utc,kind,price,size,bid,bid_size,ask,ask_size,exchange,condition,suspicious"
SECONDS = "ts_utc,open,high,low,close,volume,bid,bid_size,ask,ask_size"
MINUTES = "symbol,ts_utc,open,high,low,close,volume,bid,bid_size,ask,ask_size"
DAYS = "symbol,date,open,high,low,close,volume"
T0 = "2013-10-07T13:30:00"


def instant(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * SECOND


@pytest.fixture
def write(tmp_path):
    def write(header: str, *rows: str, name: str = "ibm_file.csv"):
        path = tmp_path / name
        text = "\n".join([header, *rows]) + "\n"
        if name.endswith(".gz"):
            path.write_bytes(gzip.compress(text.encode()))
        else:
            path.write_text(text, encoding="utf-8")
        return path

    return write


def short(quote: Quote) -> tuple[str | None, ...]:
    """Return bid, ask, last as people read them."""
    return tuple(None if price is None else render_price(price) for price in (quote.bid, quote.ask, quote.last_price))


async def all_of(feed: RecordedFeed) -> list[Quote]:
    return [quote async for quote in feed.quotes()]


# --- the real files --------------------------------------------------------------------------------

FILES = {
    "es_minutes_2013.csv.gz": ("2013-10-06T19:00:00", 32_613, {"nothing in it": 1}, "fut:ES:2013-12"),
    "ibm_ticks_20131007.csv.gz": ("2013-10-07T08:00:00", 78_827, {"flagged": 1}, "eq:US:IBM"),
    "spy_seconds_20131010.csv.gz": ("2013-10-10T08:00:00", 31_810, {}, "eq:US:SPY"),
    "us4_minutes_201310.csv.gz": ("2013-10-04T08:00:00", 15_991, {}, "eq:US:AIG"),
    "us_daily_raw_1998_2012.csv.gz": ("1998-01-02T21:00:00", 39_756, {}, "eq:US:AAPL"),
}


@needs_data
@pytest.mark.parametrize(
    ("name", "start", "count", "dropped", "instrument_id"), [(n, *rest) for n, rest in FILES.items()]
)
async def test_a_real_file_is_read_whole_and_in_order(name, start, count, dropped, instrument_id):
    feed = RecordedFeed(MARKET / name)
    assert (feed.name, feed.is_recorded) == (f"recorded:{name}", True)
    assert feed.starts_at() // SECOND == instant(start) // SECOND
    quotes = await all_of(feed)
    assert len(quotes) == count
    assert dict(feed.dropped) == dropped
    assert quotes[0].source_at == feed.starts_at()
    assert all(earlier.source_at <= later.source_at for earlier, later in pairwise(quotes))
    listed = {each.instrument_id for each in feed.instruments()}
    assert instrument_id in listed
    assert {quote.instrument_id for quote in quotes} == listed


@needs_data
def test_every_market_file_is_known_here():
    assert {path.name for path in MARKET.glob("*")} == set(FILES)


@needs_data
def test_futures_contracts_of_the_real_file():
    feed = RecordedFeed(MARKET / "es_minutes_2013.csv.gz")
    names = {each.instrument_id: each.symbol for each in feed.instruments()}
    assert names == {
        "fut:ES:2013-12": "ESZ3",
        "fut:ES:2014-03": "ESH4",
        "fut:ES:2014-06": "ESM4",
        "fut:ES:2014-09": "ESU4",
        "fut:ES:2014-12": "ESZ4",
    }
    assert {each.tick_size for each in feed.instruments()} == {parse_price("0.25")}
    assert all(each.initial_margin for each in feed.instruments())


@needs_data
def test_in_the_maintenance_hour_nothing_stands():
    """16:15 to 16:45 in Chicago: the last quote's minute is over, and no row comes."""
    feed = RecordedFeed(MARKET / "es_minutes_2013.csv.gz")
    quotes = [quote for quote in feed.read() if quote.instrument_id == "fut:ES:2013-12"]
    assert {quote.valid_until - quote.source_at for quote in quotes} == {60 * SECOND}
    begins, ends = instant("2013-10-08T21:16:00"), instant("2013-10-08T21:45:00")
    assert not any(quote.source_at < ends and quote.valid_until > begins for quote in quotes)


@needs_data
def test_the_tick_file_consolidated_is_the_minute_file():
    """Each minute row's closing bid and ask is what stood at the end of its minute, in all of the day's minutes."""
    minutes = [
        quote
        for quote in RecordedFeed(MARKET / "us4_minutes_201310.csv.gz").read()
        if quote.instrument_id == "eq:US:IBM" and quote.bid is not None
    ]
    ticks = iter(RecordedFeed(MARKET / "ibm_ticks_20131007.csv.gz").read())
    begins, ends = instant("2013-10-07T08:00:00"), instant("2013-10-08T00:00:00")
    standing, pending, compared = next(ticks), next(ticks), 0
    for minute in minutes:
        if not begins <= minute.source_at < ends:
            continue
        while pending.source_at < minute.valid_until:
            standing, pending = pending, next(ticks)
        assert (standing.bid, standing.ask) == (minute.bid, minute.ask), minute.source_at
        compared += 1
    assert compared > 500


@needs_data
def test_the_tick_file_is_hardly_ever_crossed():
    """Read as each exchange's own standing quote it would be crossed nearly all day."""
    quotes = list(RecordedFeed(MARKET / "ibm_ticks_20131007.csv.gz").read())
    two_sided = [quote for quote in quotes if quote.bid is not None and quote.ask is not None]
    good = sum(usable(quote.bid, quote.ask, 50_000, False) for quote in two_sided)
    assert len(quotes) - len(two_sided) == 1, "the first row has an ask and no bid"
    assert good * 1000 > len(two_sided) * 998
    trades = sum(quote.last_price is not None for quote in quotes)
    assert trades == 24_293


@needs_data
async def test_reading_is_off_the_loop_and_in_chunks(monkeypatch):
    chunks = []

    async def to_thread(take, quotes):
        chunk = take(quotes)
        chunks.append(len(chunk[0]))
        return chunk

    monkeypatch.setattr("stopline.venue.recorded.asyncio.to_thread", to_thread)
    source = RecordedFeed(MARKET / "ibm_ticks_20131007.csv.gz").quotes()
    for _ in range(CHUNK + 1):
        await anext(source)
    await source.aclose()
    assert chunks == [CHUNK, CHUNK]


# --- the formats, row by row -------------------------------------------------------------------------


def test_a_futures_row(write):
    path = write(
        ES,
        "2013-10-07T13:30:00Z,ES,201312,1680,1681,1679,1680.25,97,1680,236,1680.25,40",
        "2013-10-07T13:31:00Z,ES,201312,,,,,,1680,236,1680.25,40",
        "2013-10-07T13:31:00Z,ES,201403,,,,,,,0,1682.25,39",
        "2013-10-07T13:32:00Z,ES,201312,1,1,1,1680.25,0,1680,,1680.25,40",
    )
    first, quotes_only, far, no_volume = RecordedFeed(path).read()
    assert short(first) == ("1680.00", "1680.25", "1680.25")
    assert (first.bid_size, first.ask_size, first.last_size) == (parse_qty("236"), parse_qty("40"), parse_qty("97"))
    assert (first.source_at, first.valid_until) == (instant(T0), instant(T0) + 60 * SECOND)
    assert short(quotes_only) == ("1680.00", "1680.25", None)
    assert short(far) == (None, "1682.25", None)
    assert far.instrument_id == "fut:ES:2014-03"
    assert short(no_volume) == ("1680.00", "1680.25", None), "a bar without volume is no trade"
    assert no_volume.bid_size == 0


def test_second_rows(write):
    path = write(
        SECONDS,
        f"{T0}Z,1,1,1,166.45,2050,166.42,500,166.51,100",
        "2013-10-07T13:30:09Z,1,1,1,166.50,100,,,,",
        "2013-10-07T13:30:10Z,,,,,,,,,",
        name="spy_seconds_1.csv",
    )
    feed = RecordedFeed(path)
    first, trade = feed.read()
    assert short(first) == ("166.42", "166.51", "166.45")
    assert short(trade) == ("166.42", "166.51", "166.50"), "the quote before it still stands"
    assert first.valid_until == 0, "its age decides"
    assert feed.instruments()[0].instrument_id == "eq:US:SPY"


def test_minute_rows_are_put_in_order_of_time(write):
    path = write(
        MINUTES,
        "SPY,2013-10-07T13:30:00Z,1,1,1,166.45,2050,166.42,500,166.51,100",
        "SPY,2013-10-07T13:31:00Z,1,1,1,166.45,2050,166.43,500,166.51,100",
        "IBM,2013-10-07T13:30:00Z,1,1,1,182.15,100,,,,",
        "IBM,2013-10-07T13:31:00Z,,,,,,182,100,182.15,100",
    )
    quotes = list(RecordedFeed(path).read())
    assert [quote.instrument_id[-3:] for quote in quotes] == ["SPY", "IBM", "SPY", "IBM"]
    assert short(quotes[1]) == (None, None, "182.15"), "a minute row without a quote leaves none"


def test_daily_rows(write):
    """A Friday's close stands until Monday's; New York is four hours behind in summer and five in winter."""
    path = write(DAYS, "AAPL,2012-07-06,1,1,1,605.88,1000", "AAPL,2012-12-31,1,1,1,532.17,0")
    summer, winter = RecordedFeed(path).read()
    assert short(summer) == ("605.88", "605.88", "605.88")
    assert (summer.source_at, summer.valid_until) == (instant("2012-07-06T20:00:00"), instant("2012-07-09T20:00:00"))
    assert winter.source_at == instant("2012-12-31T21:00:00")
    assert short(winter) == ("532.17", "532.17", None)
    assert winter.bid_size == 0, "nothing traded, nothing is shown"


def tick(seconds: int, **fields: object) -> str:
    row = dict.fromkeys(TICKS.split(","), "") | {"ts_utc": f"2013-10-07T13:30:{seconds:02}.000Z", "kind": "Q"}
    row |= {"exchange": "N", "condition": "1", "suspicious": "0"} | {key: str(value) for key, value in fields.items()}
    return ",".join(row.values())


def test_bid_and_ask_of_one_change_are_one_quote(write):
    path = write(
        TICKS,
        tick(0, bid="180", bid_size=100),
        tick(0, ask="181", ask_size=200, exchange="P"),
        tick(1, bid="180.50", bid_size=100, exchange="Q"),
        tick(2, ask="181.50", ask_size=100),
        tick(3, kind="T", price="180.75", size=10),
    )
    quotes = list(RecordedFeed(path).read())
    assert [short(quote) for quote in quotes] == [
        ("180.00", "181.00", None),
        ("180.50", "181.00", None),
        ("180.50", "181.50", None),
        ("180.50", "181.50", "180.75"),
    ]


def test_the_newest_best_quote_counts_whichever_exchange_shows_it(write):
    """182.66 at X is no longer the best bid once 182.60 at N is."""
    path = write(
        TICKS,
        tick(0, bid="182.66", bid_size=100, exchange="X"),
        tick(0, ask="182.70", ask_size=100),
        tick(1, bid="182.60", bid_size=100, exchange="N"),
        tick(1, ask="182.63", ask_size=100, exchange="P"),
    )
    assert [short(quote) for quote in RecordedFeed(path).read()] == [
        ("182.66", "182.70", None),
        ("182.60", "182.63", None),
    ]


async def test_flagged_and_stub_quotes_are_dropped_and_counted(write):
    good = [tick(0, bid="180", bid_size=100), tick(0, ask="181", ask_size=200)]
    path = write(
        TICKS,
        *good,
        tick(1, bid="179", bid_size=100, suspicious=1),
        tick(2, bid="0.01", bid_size=100_000),
        tick(2, ask="199999.99", ask_size=100_000),
        tick(3, bid="89.99", bid_size=100),
        tick(4, ask="362.01", ask_size=100),
        tick(5, kind="T", price="1", size=10, suspicious=1),
        tick(6, kind="T", price="0", size=10),
        tick(7, bid="180.10", bid_size=100),
        tick(8),
    )
    feed = RecordedFeed(path)
    assert [short(quote) for quote in await all_of(feed)] == [("180.00", "181.00", None), ("180.10", "181.00", None)]
    assert feed.dropped == Counter({"flagged": 2, "stub": 4, "impossible price": 1, "nothing in it": 1})


def test_half_a_change_is_not_lost_at_a_flagged_row_or_at_the_end(write):
    path = write(
        TICKS, tick(0, bid="180", bid_size=1), tick(0, ask="181", suspicious=1), tick(1, bid="182", bid_size=1)
    )
    assert [short(quote) for quote in RecordedFeed(path).read()] == [("180.00", None, None), ("182.00", None, None)]


def test_impossible_prices_are_dropped(write):
    path = write(
        MINUTES,
        f"IBM,{T0}Z,,,,,,0,100,182.15,100",
        f"IBM,{T0}Z,,,,,,-1,100,182.15,100",
        f"IBM,{T0}Z,,,,,,182,100,182.15,100",
    )
    assert [short(quote) for quote in RecordedFeed(path).read()] == [("182.00", "182.15", None)]


# --- pace --------------------------------------------------------------------------------------------


async def test_paced_by_somebody_elses_clock(write):
    path = write(TICKS, tick(0, bid="180", bid_size=1), tick(5, bid="181", bid_size=1))
    slept = []

    async def sleep_until(due):
        slept.append(due)

    quotes = await all_of(RecordedFeed(path, 60, sleep_until))
    assert slept == [quote.source_at for quote in quotes] == [instant(T0), instant(T0) + 5 * SECOND]
    slept.clear()
    await all_of(RecordedFeed(path, 0, sleep_until))
    assert slept == []
    with pytest.raises(ValueError, match="sleep"):
        RecordedFeed(path, 1)


# --- which symbol ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "symbol"), [("ibm_ticks.csv", "IBM"), ("BRK.B-2013.csv", "BRK.B"), ("spy.csv", "SPY")]
)
def test_the_file_names_the_symbol_where_rows_do_not(write, name, symbol):
    path = write(TICKS, tick(0, bid="180", bid_size=1), name=name)
    assert RecordedFeed(path).instruments()[0].symbol == symbol


def test_or_the_caller_does(write):
    path = write(TICKS, tick(0, bid="180", bid_size=1), name="20131007.csv")
    assert RecordedFeed(path, symbol="IBM").instruments()[0].symbol == "IBM"
    with pytest.raises(RecordingError, match="must begin with the symbol"):
        RecordedFeed(path)


# --- what is wrong -------------------------------------------------------------------------------------


def test_an_unknown_header_names_what_was_seen_and_what_is_known(write):
    with pytest.raises(RecordingError) as caught:
        RecordedFeed(write("time,price", "1,2"))
    text = str(caught.value)
    assert "ibm_file.csv" in text and "time,price" in text
    assert all(header in text for header in (ES, TICKS, SECONDS, MINUTES, DAYS))


BAD = {
    "number": (MINUTES, f"IBM,{T0}Z,,,,,,abc,100,182.15,100", r"line 3: bid: 'abc' is not a decimal number"),
    "full-width digits": (MINUTES, f"IBM,{T0}Z,,,,,,１８２,100,182.15,100", "line 3: bid"),
    "nan": (MINUTES, f"IBM,{T0}Z,,,,,,NaN,100,182.15,100", "line 3: bid"),
    "too fine": (MINUTES, f"IBM,{T0}Z,,,,,,182.123456789,100,182.15,100", "line 3: bid"),
    "size": (MINUTES, f"IBM,{T0}Z,,,,,,182,-100,182.15,100", "line 3: bid_size '-100' is negative"),
    "fields": (MINUTES, f"IBM,{T0}Z,1", "line 3: 3 fields, not 11"),
    "time": (MINUTES, "IBM,yesterday,,,,,,182,100,182.15,100", "line 3: ts_utc 'yesterday' is no UTC instant"),
    "time without a zone": (MINUTES, f"IBM,{T0},,,,,,182,100,182.15,100", "line 3: ts_utc"),
    "symbol": (MINUTES, f",{T0}Z,,,,,,182,100,182.15,100", "line 3: symbol '' is empty"),
    "date": (DAYS, "AAPL,2012-02-30,1,1,1,1,1", "line 3: date '2012-02-30' is no date"),
    "the last day": (DAYS, "AAPL,9999-12-31,1,1,1,1,1", "line 3: date '9999-12-31' is beyond what can be counted"),
    "far time": (MINUTES, "IBM,2263-01-01T00:00:00Z,,,,,,1,1,1,1", "line 3: ts_utc '2263-01-01T00:00:00Z' is beyond"),
    "root": (ES, f"{T0}Z,XX,201312,,,,,,1680,236,1680.25,40", "line 3: root 'XX' is no known future"),
    "contract": (ES, f"{T0}Z,ES,201313,,,,,,1680,236,1680.25,40", "line 3: contract '201313' is no contract month"),
    "kind": (TICKS, tick(9, kind="X"), "line 3: kind 'X' is neither T"),
    "backwards": (ES, "2013-10-07T13:29:00Z,ES,201312,,,,,,1680,236,1680.25,40", "line 3: earlier than the row before"),
}
GOOD = {
    MINUTES: f"IBM,{T0}Z,,,,,,182,100,182.15,100",
    DAYS: "AAPL,2012-12-31,1,1,1,532.17,10",
    ES: f"{T0}Z,ES,201312,,,,,,1680,236,1680.25,40",
    TICKS: tick(0, kind="T", price=180, size=1),
}


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz"])
@pytest.mark.parametrize(("header", "row", "message"), BAD.values(), ids=BAD.keys())
async def test_a_bad_row_is_named(write, header, row, message, suffix):
    path = write(header, GOOD[header], row, name=f"ibm_file{suffix}")
    with pytest.raises(RecordingError, match=message) as caught:
        await all_of(RecordedFeed(path))
    assert str(caught.value).startswith(f"ibm_file{suffix}, line 3")


async def test_what_came_before_a_bad_row_is_told_first(write):
    path = write(TICKS, *(tick(second, kind="T", price=180, size=1) for second in range(5)), tick(9, kind="X"))
    heard = []
    with pytest.raises(RecordingError):
        async for quote in RecordedFeed(path).quotes():
            heard.append(quote)
    assert len(heard) == 5


def test_files_that_are_no_market_files(tmp_path, write):
    with pytest.raises(RecordingError, match="cannot be opened"):
        RecordedFeed(tmp_path / "absent.csv")
    with pytest.raises(RecordingError, match="holds no quote"):
        RecordedFeed(write(MINUTES))
    (tmp_path / "empty.csv").touch()
    with pytest.raises(RecordingError, match="is empty: it does not say its columns; the known ones are"):
        RecordedFeed(tmp_path / "empty.csv")
    (tmp_path / "fake.csv.gz").write_bytes(b"this is not gzip")
    with pytest.raises(RecordingError, match="line 1: not a readable"):
        RecordedFeed(tmp_path / "fake.csv.gz")
    (tmp_path / "latin.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RecordingError, match="line 1: not a readable"):
        RecordedFeed(tmp_path / "latin.csv")


async def test_a_truncated_file_says_how_far_it_could_be_read(tmp_path, write):
    rows = [tick(second % 60, kind="T", price=180 + second, size=second) for second in range(60)]
    whole = write(TICKS, *rows, name="ibm.csv.gz").read_bytes()
    path = tmp_path / "ibm_cut.csv.gz"
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(RecordingError, match=r"ibm_cut.csv.gz, line \d+: "):
        await all_of(RecordedFeed(path))
