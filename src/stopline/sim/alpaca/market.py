"""Where the simulator's quotes and its time come from."""

from pathlib import Path

from msgspec import Struct

from stopline.model.instants import render_instant
from stopline.model.instrument import AssetClass, Instrument
from stopline.model.numbers import Nanos, Price, Qty
from stopline.model.quote import Quote
from stopline.ports.clock import EngineClock
from stopline.ports.feed import Feed
from stopline.runtime.boot_clock import system_boot_clock
from stopline.runtime.clocks import LiveClock, RecordedClock, SystemWallClock
from stopline.sim.alpaca.clock import SteerableClock
from stopline.sim.alpaca.options import MANUAL, SimOptions
from stopline.venue.equities import START_PRICES, equity
from stopline.venue.recorded import RecordedFeed
from stopline.venue.synthetic import SyntheticFeed

FOREVER: Nanos = 2**62
SYNTHETIC = "synthetic"


class MarketRefused(ValueError):
    """A market that is not there; the message says what would be right."""


class SimMarket(Struct, frozen=True):
    """A clock, a feed (none of a manual market), and what is listed."""

    name: str
    clock: EngineClock
    feed: Feed | None
    instruments: tuple[Instrument, ...]
    begins_at: Nanos = 0
    """Quotes from before it are of the past: only the newest of each instrument still stands."""

    @property
    def steering(self) -> SteerableClock | None:
        """The clock, if it can be moved by hand: a recording's time is its own."""
        return self.clock if isinstance(self.clock, SteerableClock) else None


def open_market(options: SimOptions, not_before: Nanos) -> SimMarket:
    """Return the market that the options name; raises MarketRefused and RecordingError."""
    kind, _, seed = options.market.partition(":")
    if kind not in (MANUAL, SYNTHETIC):
        return _recorded(options, max(not_before, options.begin))
    clock = SteerableClock(LiveClock(SystemWallClock(), system_boot_clock(), not_before))
    if kind == MANUAL:
        return SimMarket(MANUAL, clock, None, tuple(equity(symbol) for symbol in START_PRICES))
    if not (seed.isascii() and seed.isdigit() and len(seed) <= 18):
        raise MarketRefused("the synthetic market needs its seed, a whole number, such as synthetic:7")
    feed = SyntheticFeed(int(seed), clock, futures=False)
    return SimMarket(feed.name, clock, feed, feed.instruments())


def _recorded(options: SimOptions, begins_at: Nanos) -> SimMarket:
    path = Path(options.market).expanduser()
    if not path.is_file():
        wrong = "is a directory" if path.is_dir() else "is not there"
        raise MarketRefused(f"the recording {path} {wrong}; write synthetic:7, manual, or a file's path")
    clock: RecordedClock

    async def sleep_until(due: Nanos) -> None:
        await clock.sleep_until(due)

    feed = RecordedFeed(path, max(options.speed, 1), sleep_until)
    clock = RecordedClock(feed.name, feed.starts_at() or 0, max(options.speed, 1), system_boot_clock(), begins_at)
    listed = tuple(each for each in feed.instruments() if each.asset_class is AssetClass.EQUITY)
    if not listed:
        raise MarketRefused(f"{path.name} quotes no US equity, and Alpaca trades nothing else here")
    if options.begin and options.begin > (ends_at := feed.survey().ends_at):
        raise MarketRefused(f"{path.name} ends at {render_instant(ends_at)}, before {render_instant(options.begin)}")
    return SimMarket(feed.name, clock, feed, listed, begins_at)


def hand_quote(instrument: Instrument, bid: Price, ask: Price, size: Qty, last: Price | None, at: Nanos) -> Quote:
    """Return a quote that somebody set by hand: it stands until the next one."""
    return Quote(
        instrument_id=instrument.instrument_id,
        source_at=at,
        bid=bid,
        ask=ask,
        bid_size=size,
        ask_size=size,
        last_price=last,
        last_size=size if last is not None else 0,
        valid_until=FOREVER,
    )
