"""The parts that depend on what the settings ask for: the market and its clock, instruments, disk."""

from stopline.config.settings import Settings
from stopline.model.instrument import AssetClass, Instrument
from stopline.model.numbers import Nanos
from stopline.ports.clock import BootClock, EngineClock, WallClock
from stopline.ports.feed import Feed
from stopline.ports.journal import Journal
from stopline.runtime.boot_clock import system_boot_clock
from stopline.runtime.calendars import CalendarBook
from stopline.runtime.clocks import LONGEST_NAP_S, LiveClock, RecordedClock, SystemWallClock, refuse_backwards
from stopline.runtime.zones import load_zone
from stopline.state.state import State
from stopline.stores.spool import FileSpool, NoRoom, open_spool
from stopline.stores.sqlite.check import check_filesystem, disk_free
from stopline.stores.sqlite.distrust import note_distrust
from stopline.stores.sqlite.layout import Layout
from stopline.venue.equities import START_PRICES, equity
from stopline.venue.recorded import RecordedFeed
from stopline.venue.silent import SilentFeed
from stopline.venue.synthetic import SyntheticFeed

PAPER = "paper"
ALPACA = "alpaca"


class StartRefused(Exception):
    """Stopline does not start; the message says why, and what would be right."""


def check_settings(settings: Settings) -> None:
    """Refuse settings that name what is not there."""
    for terms in settings.accounts:
        load_zone(terms.reset_zone)
        if terms.broker not in (PAPER, ALPACA):
            raise StartRefused(
                f"account {terms.account!r}: there is no broker {terms.broker!r} here yet; use {PAPER!r} or {ALPACA!r}"
            )
    _check_alpaca(settings, [terms.account for terms in settings.accounts if terms.broker == ALPACA])
    for market in settings.calendars:
        if market not in CalendarBook.markets():
            raise StartRefused(f"calendars.{market}: there is no such market; {', '.join(CalendarBook.markets())} are")


def refusals_of(settings: Settings) -> list[str]:
    """Return why no process would start on these settings as they are; what the command line can change is in there."""
    from stopline.doors.native.serve import BindRefused, check_bind

    found = []
    for check in (
        lambda: check_settings(settings),
        lambda: check_bind(settings.host),
        lambda: check_bind(settings.alpaca_door.host),
    ):
        try:
            check()
        except (StartRefused, BindRefused) as refused:
            found.append(str(refused))
    recording = settings.market.path
    if recording is not None and not recording.is_file():
        found.append(
            f"market.source: the recording {recording} {'is a directory' if recording.is_dir() else 'is not there'}"
        )
    return found


def _check_alpaca(settings: Settings, accounts: list[str]) -> None:
    """Refuse what cannot be traded at Alpaca, and made-up prices for an account that is not made up."""
    if not accounts:
        return
    if len(accounts) > 1:
        names = ", ".join(accounts)
        raise StartRefused(f"a pair of keys opens one account with Alpaca, and {names} are there: run one process each")
    market = settings.market
    if not settings.alpaca.is_simulated and not (market.is_silent or market.is_alpaca):
        raise StartRefused(
            f"account {accounts[0]!r} is with Alpaca, and the market is {market.source}: those are not its prices. "
            "Write market.source alpaca (--market alpaca), or none: orders without a price are then denied"
        )
    if market.path is not None and market.speed == 0:
        raise StartRefused("a recording as fast as it goes cannot be traded with Alpaca: give it a --speed")


def open_market(settings: Settings, journal: Journal, state: State) -> tuple[EngineClock, Feed]:
    """Return engine time and the feed that goes with it. Raises TimeRunsBackwards, RecordingError."""
    market, boot = settings.market, system_boot_clock()
    if market.is_silent:
        quiet = open_live_clock(state)
        return quiet, SilentFeed(instruments=tuple(equity(symbol) for symbol in START_PRICES))
    if market.is_alpaca:
        return open_live_clock(state), _open_quotes(settings, state)
    if market.path is None:
        live = open_live_clock(state)
        first = next(iter(journal.read(until_seq=1)), None)
        held = _held_instruments(state)
        begins_at = live.at() if first is None else first.at
        return live, SyntheticFeed(market.seed or 0, live, begins_at=begins_at, also=held)
    clock: RecordedClock

    async def sleep_until(due: Nanos) -> None:
        await clock.sleep_until(due)

    feed = RecordedFeed(market.path, market.speed, sleep_until)
    starts_at = feed.starts_at() or 0
    refuse_backwards(feed.name, starts_at, state.at, state.clock)
    clock = RecordedClock(feed.name, starts_at, market.speed, boot, state.at)
    return clock, feed


def _open_quotes(settings: Settings, state: State) -> Feed:
    """Return Alpaca's quotes of what is held, of the shares of the settings, and of those that we know; up to 30."""
    from stopline.bootstrap.brokers import open_feed

    shares = {each.symbol: each for each in (*_held_instruments(state), *settings.instruments)}
    shares |= {symbol: equity(symbol) for symbol in START_PRICES if symbol not in shares}
    return open_feed(settings.alpaca, [each for each in shares.values() if each.asset_class is AssetClass.EQUITY])


def _held_instruments(state: State) -> list[Instrument]:
    return [state.instruments[name] for name in _held(state) if name in state.instruments]


def open_live_clock(
    state: State,
    wall: WallClock | None = None,
    boot: BootClock | None = None,
    longest_nap_s: float = LONGEST_NAP_S,
) -> LiveClock:
    """Return engine time by the boot clock: as before, if the machine has run on since; else from the wall clock.

    The machine is this one, unless a simulation brings its clocks.
    """
    wall, boot, booted = wall or SystemWallClock(), boot or system_boot_clock(), state.booted
    if booted is None or booted.boot_id != boot.boot_id():
        return LiveClock(wall, boot, state.at, longest_nap_s=longest_nap_s)
    return LiveClock(wall, boot, state.at, booted.offset, state.clock_drift, longest_nap_s)


def _held(state: State) -> set[str]:
    """Return the instruments that some account holds or works."""
    return {
        position.instrument_id
        for account in state.accounts.values()
        for position in account.positions.values()
        if position.qty or position.working_buys or position.working_sells
    }


def listed_instruments(settings: Settings, feed: Feed) -> tuple[Instrument, ...]:
    """Return what is listed: the feed's instruments and the file's own, with the file's overrides."""
    listed = {instrument.instrument_id: settings.instrument(instrument) for instrument in feed.instruments()}
    listed |= {instrument.instrument_id: instrument for instrument in settings.instruments}
    return tuple(listed.values())


def quoted_by(settings: Settings, feed: Feed) -> tuple[str, ...] | None:
    """Return whose first quotes readiness waits for: None where there are none.

    Of a recording any will do, and of Alpaca's too: it quotes what is traded, when it is.
    """
    if isinstance(feed, SilentFeed):
        return None
    return (
        ()
        if feed.is_recorded or settings.market.is_alpaca
        else tuple(instrument.instrument_id for instrument in feed.instruments())
    )


def open_spool_of(settings: Settings) -> tuple[FileSpool | None, str]:
    """Return the spool, and what is wrong if there is none; raises SpoolError where that must be mended first."""
    layout = Layout(settings.data_dir)
    path = settings.spool_path or layout.spool
    if settings.spool_path is not None:
        check_filesystem(path.parent)
    try:
        return open_spool(path, on_lost=lambda reason: note_distrust(layout, reason, failed_sync=True)), ""
    except NoRoom as error:
        return None, f"{error}; until it can be, cancels and exits wait too when the journal refuses"


def disk_state(settings: Settings) -> tuple[str, str]:
    """Return how bad it is that the disk fills up, and how to say it; empty texts while there is room."""
    free = disk_free(settings.data_dir)
    text = f"only {free.percent} % of the disk under {settings.data_dir} is free" if free.severity else ""
    return free.severity, text
