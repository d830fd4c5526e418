"""The production system on a simulated disk, machine and broker: `bootstrap.System`, with other ground under it.

Left out are the doors (clients ask the desk) and the tables (nothing is decided on them).
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Final, TypeVar

from stopline.bootstrap.brokers import Brokers
from stopline.bootstrap.pace import Pace
from stopline.bootstrap.parts import open_live_clock
from stopline.bootstrap.system import System
from stopline.config.settings import Settings
from stopline.model.ids import InstrumentId
from stopline.model.instrument import Instrument
from stopline.model.numbers import SECOND
from stopline.model.quote import Quote
from stopline.ports.broker import Broker, Inbox
from stopline.ports.clock import BootClock, EngineClock
from stopline.ports.desk import DeskUnavailable, Row
from stopline.ports.feed import Feed
from stopline.ports.journal import Journal
from stopline.ports.spool import Spool
from stopline.runtime.edits import Edits
from stopline.runtime.follow import Follower
from stopline.runtime.last_line import LastLine
from stopline.runtime.loop import Loop
from stopline.runtime.said import Said
from stopline.sim.world.clocks import WorldBootClock, WorldWallClock
from stopline.sim.world.disk import Disk
from stopline.sim.world.side import OpenBrokers
from stopline.sim.world.store import DiskJournal, DiskSpool
from stopline.state.state import State
from stopline.stores.ballast import Ballast

T = TypeVar("T")
WORLD_PACE: Final = Pace(
    mark_every=300 * SECOND,
    reconcile_every_s=300.0,
    clock_every_s=60.0,
    disk_every_s=600.0,
    measures_lag=False,
    rest=lambda: None,
)
"""Nights are long: what looks every second or minute looks every minute or five."""
NAP_S: Final = 3600.0


class Ground:
    """What a process stands on, as the world gives it."""

    def __init__(
        self,
        disk: Disk,
        wall: WorldWallClock,
        boot: WorldBootClock,
        instruments: tuple[Instrument, ...],
        brokers: OpenBrokers,
        disk_state: Callable[[], tuple[str, str]],
    ) -> None:
        self.disk, self.wall, self.boot, self.instruments = disk, wall, boot, instruments
        self.brokers, self.disk_state = brokers, disk_state


class WorldFeed(Feed):
    """Quotes as the world pushes them."""

    name = "simulated"
    is_recorded = False

    def __init__(self, instruments: tuple[Instrument, ...]) -> None:
        self._instruments = instruments
        self._waiting: asyncio.Queue[Quote] = asyncio.Queue()

    def push(self, quote: Quote) -> None:
        """Bring a quote; call it on the process's loop."""
        self._waiting.put_nowait(quote)

    def instruments(self) -> tuple[Instrument, ...]:
        """Return what is quoted."""
        return self._instruments

    def starts_at(self) -> None:
        """Return None: it is live."""

    async def quotes(self) -> AsyncIterator[Quote]:
        """Yield quotes as they come."""
        while True:
            yield await self._waiting.get()


class WorldBrokers(Brokers):
    """One broker, over the wire."""

    def __init__(self, settings: Settings, broker: Broker) -> None:
        super().__init__(settings, None, None)
        self._broker = broker

    @property
    def by_name(self) -> dict[str, Broker]:
        """Return it."""
        return {self._broker.name: self._broker}

    def last_line(self, state: Callable[[], State]) -> LastLine | None:
        """Return None."""
        return None

    async def start(self, inbox: Inbox) -> None:
        """Begin to connect."""
        await self._broker.start(inbox)

    async def close(self) -> None:
        """Hang up."""
        await self._broker.close()


class NoTables(Follower):
    """Nobody asks for rows here."""

    def __init__(self) -> None:
        """Feed nothing."""
        self._reached, self.failure = 0, ""

    def start(self) -> None:
        """Do nothing."""

    def hear(self, durable: list[Said]) -> None:
        """Do nothing."""

    async def rows(self, seq: int, table: str, **filters: object) -> list[Row]:
        """Refuse."""
        raise DeskUnavailable("no_tables", "a simulated process has no tables")

    async def close(self) -> None:
        """Do nothing."""


class NoBallast(Ballast):
    """The simulated disk needs none."""

    def __init__(self) -> None:
        """Set nothing aside."""
        super().__init__(Path("ballast"), 0)

    def release_if_full(self) -> bool:
        """Return False."""
        return False

    def set_aside(self) -> bool:
        """Return True."""
        return True


class WorldSystem(System):
    """A production system in the world."""

    pace = WORLD_PACE

    def __init__(self, settings: Settings, ground: Ground, abort: Callable[[str], None]) -> None:
        super().__init__(settings, abort=abort)
        self._ground = ground
        self.feed = WorldFeed(ground.instruments)

    def _check(self) -> None:
        """Ask nothing: the settings are the world's own."""

    def _ballast(self) -> Ballast:
        return NoBallast()

    def _open_journal(self) -> Journal:
        return DiskJournal(self._ground.disk)

    def _open_spool(self) -> tuple[Spool | None, str]:
        return DiskSpool(self._ground.disk), ""

    def _disk_state(self, settings: Settings) -> tuple[str, str]:
        return self._ground.disk_state()

    def _boot_clock(self) -> BootClock:
        return self._ground.boot

    def _open_market(self, journal: Journal, state: State) -> tuple[EngineClock, Feed]:
        clock = open_live_clock(state, self._ground.wall, self._ground.boot, NAP_S)
        return clock, self.feed

    async def _open_brokers(
        self, settings: Settings, clock: EngineClock, instruments: tuple[Instrument, ...], state: State
    ) -> Brokers:
        return await self._ground.brokers(settings, clock, instruments, state, self._expected)

    def _open_tables(self, loop: Loop, journal: Journal) -> tuple[Follower, Edits | None]:
        return NoTables(), None

    def _is_live(self, feed: Feed) -> bool:
        return True

    @property
    def quoted(self) -> set[InstrumentId]:
        """Return what has been quoted in this process."""
        return self.market.quoted
