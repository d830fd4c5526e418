"""Everything of one process but its door: what is opened, in which order, and let go of backwards."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack, suppress
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from stopline import __version__
from stopline.bootstrap.brokers import Brokers, open_brokers
from stopline.bootstrap.faults import MENDABLE, abort, log_failure
from stopline.bootstrap.in_step import come_into_step
from stopline.bootstrap.pace import Pace
from stopline.bootstrap.parts import (
    StartRefused,
    check_settings,
    disk_state,
    listed_instruments,
    open_market,
    open_spool_of,
    quoted_by,
)
from stopline.brokers.paper import PaperBroker
from stopline.config.settings import Settings
from stopline.messages import inputs as i
from stopline.model.ids import AccountId, RoutedOrderId
from stopline.model.instrument import Instrument
from stopline.model.numbers import Nanos
from stopline.ports.clock import BootClock, EngineClock
from stopline.ports.desk import Desk
from stopline.ports.feed import Feed
from stopline.ports.journal import Journal, JournalCorrupt
from stopline.ports.spool import Spool
from stopline.runtime.behind import verify_behind
from stopline.runtime.boot_clock import system_boot_clock
from stopline.runtime.calendars import CalendarBook
from stopline.runtime.clocks import LiveClock, RecordedClock
from stopline.runtime.desk import LiveDesk
from stopline.runtime.dispatcher import Dispatcher
from stopline.runtime.edits import Edits
from stopline.runtime.follow import Follower
from stopline.runtime.health import Health
from stopline.runtime.hours import MarketHours
from stopline.runtime.loop import Loop
from stopline.runtime.market import Market
from stopline.runtime.notices import LogNotifier
from stopline.runtime.opening import say_first
from stopline.runtime.plan import Plan, follow
from stopline.runtime.reconcile import Reconciler
from stopline.runtime.recover import merge_spool, recover
from stopline.runtime.reload import Reloader
from stopline.runtime.snapshots import Snapshots
from stopline.runtime.timers import Timers
from stopline.runtime.wakes import Wakes
from stopline.runtime.watch import DiskWatch, watch_clock
from stopline.state.state import State
from stopline.stores.ballast import Ballast
from stopline.stores.sqlite.distrust import note_distrust
from stopline.stores.sqlite.journal import open_journal
from stopline.stores.sqlite.layout import Layout
from stopline.stores.sqlite.projections import open_projections

DRAIN_S = 5.0
TURNS, PAUSE_S = 1_000, 0.001
"""Who waits for a broker that does not answer looks so often at once, and then after pauses."""
PATIENT_S = 60.0
"""How long a decision may wait for the disk on a recorded or staged market, where nobody is at risk meanwhile: what it
says must not depend on how fast this disk is."""


def as_it_is(feed: Feed) -> Feed:
    """Return the market that the settings ask for."""
    return feed


class System:
    """Everything of one process but its door.

    `stage` may lay a script over the market; `plan` is what is asked for while a recording plays.
    """

    pace = Pace()

    def __init__(
        self,
        settings: Settings,
        *,
        abort: Callable[[str], None] = abort,
        stage: Callable[[Feed], Feed] = as_it_is,
        plan: Plan | None = None,
    ) -> None:
        self.settings = settings
        self._stage, self._plan = stage, plan
        self._abort = abort
        self._doubt: Callable[[], str] = lambda: ""
        """What the journal itself is in doubt about."""
        self._stack = AsyncExitStack()
        self._tasks: list[asyncio.Task[None]] = []
        self.desk: Desk
        self.journal: Journal
        self.loop: Loop
        self.market: Market
        self.health: Health
        self._disk: DiskWatch
        self._joins_at: Nanos = 0
        """Where in the recording the broker was when we came to it."""

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Recover, wire, and say the first inputs; returns when the desk decides. Raises StartRefused."""
        try:
            await self._start()
        except MENDABLE as error:
            await self._stack.aclose()
            raise StartRefused(str(error)) from error
        except BaseException:
            await self._stack.aclose()
            raise

    async def stop(self) -> None:
        """Finish what is under way, take a snapshot, and let go of everything."""
        await self._stack.aclose()

    async def ready(self, timeout_s: float = 60.0) -> None:
        """Return once accounts are reconciled and first quotes are there; raises TimeoutError."""
        async with asyncio.timeout(timeout_s):
            while self.health.missing():  # noqa: ASYNC110 - it looks at many things, none of which tells
                await asyncio.sleep(0.01)

    @property
    def paper(self) -> PaperBroker | None:
        """The paper broker, where there is one: what is asked of it goes past the gate."""
        return self._brokers.paper

    async def settle(self) -> None:
        """Return once everything that was set off is decided, on disk, carried out and reported."""
        await self._settle()

    async def reconcile(self) -> None:
        """Ask each broker for its whole picture, and return once it was compared with ours."""
        self._reconciler.ask()
        await self._settle()

    # --- the order of things ---------------------------------------------------------------

    async def _start(self) -> None:
        self._check()
        ballast = self._ballast()
        is_on_ballast = ballast.release_if_full()
        journal = self.journal = self._open_journal()
        self._stack.push_async_callback(journal.close)
        spool, no_spool = self._open_spool()
        recovered = None
        if spool is not None:
            self._stack.push_async_callback(spool.close)
            recovered = await merge_spool(journal, spool)
        state = recover(journal)
        self.settings, config_version = self._settle_settings(journal, state)
        settings = self.settings
        clock, feed = self._open_market(journal, state)
        self._joins_at = await come_into_step(settings, clock, feed)
        feed = self._stage(feed)
        instruments = listed_instruments(settings, feed)
        brokers = await self._open_brokers(settings, clock, instruments, state)
        settings = self.settings = brokers.settings
        self._wire(journal, spool, state, clock, feed, brokers)
        self._disk = DiskWatch(lambda: self._disk_state(settings), self.loop.tell, ballast.set_aside, is_on_ballast)
        self.health.also(lambda: no_spool)
        self.health.also(self._doubt)
        start = i.StartEngine(
            code_version=__version__,
            config_version=config_version,
            boot_id=self._boot_clock().boot_id(),
            clock=clock.name,
            boot_offset=clock.boot_offset if isinstance(clock, LiveClock) else 0,
        )
        await say_first(self.loop, journal, settings, instruments, start, self._timers)
        if recovered is not None:
            self.loop.tell(recovered)
        await self._before_broker()
        self._stack.push_async_callback(brokers.close)
        self._stack.push_async_callback(self._drain)
        await brokers.start(self.loop.tell)
        self._run_tasks(clock)

    # --- what an emergency (emergency.py) or a simulation (sim/world) does otherwise -----------

    def _check(self) -> None:
        check_settings(self.settings)

    def _settle_settings(self, journal: Journal, state: State) -> tuple[Settings, str]:
        """Return the settings to run on, and the version of the configuration that is said of this start."""
        return self.settings, self.settings.version

    def _open_market(self, journal: Journal, state: State) -> tuple[EngineClock, Feed]:
        return open_market(self.settings, journal, state)

    async def _before_broker(self) -> None:
        """Ask what must be durable before a broker is spoken to."""

    # --- what it stands on: the real disk, machine and brokers, unless a simulation brings its own --

    def _ballast(self) -> Ballast:
        return Ballast(Layout(self.settings.data_dir).ballast)

    def _open_journal(self) -> Journal:
        journal = open_journal(self.settings.data_dir)
        self._doubt = lambda: journal.doubt
        return journal

    def _open_spool(self) -> tuple[Spool | None, str]:
        return open_spool_of(self.settings)

    def _disk_state(self, settings: Settings) -> tuple[str, str]:
        return disk_state(settings)

    def _boot_clock(self) -> BootClock:
        return system_boot_clock()

    async def _open_brokers(
        self, settings: Settings, clock: EngineClock, instruments: tuple[Instrument, ...], state: State
    ) -> Brokers:
        return await open_brokers(settings, clock, instruments, state, self._expected)

    def _open_tables(self, loop: Loop, journal: Journal) -> tuple[Follower, Edits | None]:
        """Return what feeds the tables, and what looks for edits in them."""
        tables = open_projections(self.settings.data_dir, journal)
        follower = Follower(tables, journal)
        return follower, Edits(loop, follower, tables)

    # --- parts put together --------------------------------------------------------------------

    def _wire(
        self,
        journal: Journal,
        spool: Spool | None,
        state: State,
        clock: EngineClock,
        feed: Feed,
        brokers: Brokers,
    ) -> None:
        """Put the parts together, in the order in which they are let go of backwards."""
        loop = self.loop = Loop(
            state,
            journal,
            clock,
            rebuild=lambda: recover(journal),
            abort=self._abort,
            on_rebuilt=self._on_rebuilt,
            conflate=not feed.is_recorded,
            spool=spool,
            disk_patience_s=None if self._is_live(feed) else PATIENT_S,
        )
        follower = self._wire_tables(loop, journal)
        self._wire_snapshots(loop, journal, state.seq)
        self._stack.push_async_callback(loop.stop)
        self._wire_dispatcher(loop, clock, brokers)
        self._wire_hearers(loop, clock, brokers)
        resume_at = max(state.at, self._joins_at)
        self.market = Market(feed, loop.tell, clock, self._timers, self._settle, resume_at, self._plan)
        if brokers.paper is not None:
            self.market.listen(brokers.paper.deliver)
        self.health = Health(loop, clock, self.market, follower, lambda: quoted_by(self.settings, feed))
        self.health.also(lambda: self._disk.problem)
        self.desk = LiveDesk(loop, follower, self.health)

    def _wire_tables(self, loop: Loop, journal: Journal) -> Follower:
        follower, self._edits = self._open_tables(loop, journal)
        loop.publisher.subscribe_batches(follower.hear)
        self._stack.push_async_callback(follower.close)
        follower.start()
        return follower

    def _wire_snapshots(self, loop: Loop, journal: Journal, seq: int) -> None:
        self._snapshots = Snapshots(journal, seq, rest=self.pace.rest)
        loop.publisher.subscribe_batches(lambda durable: self._snapshots.heard(loop.journaled_seq))
        self._stack.push_async_callback(self._last_snapshot)

    def _wire_dispatcher(self, loop: Loop, clock: EngineClock, brokers: Brokers) -> None:
        """Let somebody carry out what is decided."""
        self._brokers = brokers
        self._dispatcher = Dispatcher(loop.tell, lambda: loop.state, clock.at)
        self._dispatcher.use(brokers.by_name, (LogNotifier(),))
        loop.publisher.carry_out = self._dispatcher.carry_out
        self._stack.push_async_callback(self._dispatcher.close)

    def _wire_hearers(self, loop: Loop, clock: EngineClock, brokers: Brokers) -> None:
        """Let those hear of every event who have something to say, or to do, because of it: in this order."""
        self._timers = Timers(loop.tell, lambda: loop.state, clock, self.pace.mark_every)
        self._reconciler = Reconciler(
            self._dispatcher.carry_out,
            lambda: loop.state,
            clock,
            self.pace.reconcile_every_s,
            lambda: loop.durable_before,
        )
        self.hours = MarketHours(loop.tell, lambda: loop.state, clock.at, CalendarBook(self.settings.calendars))
        self._timers.also(self.hours)
        wakes = Wakes(loop.tell, lambda: loop.state, self._timers.wake)
        self._timers.also(wakes)
        loop.subscribe(wakes.hear)
        loop.subscribe(self.hours.hear)
        loop.subscribe(self._timers.hear)
        loop.subscribe(self._reconciler.hear)
        self._last_line = brokers.last_line(lambda: loop.state)
        if self._last_line is not None:
            loop.subscribe(self._last_line.hear)

    def _is_live(self, feed: Feed) -> bool:
        return self._stage is as_it_is and not feed.is_recorded

    def _run_tasks(self, clock: EngineClock) -> None:
        if self.pace.measures_lag:
            self.health.lag.start()
            self._stack.callback(self.health.lag.stop)
        self._stack.push_async_callback(self._cancel_tasks)
        if isinstance(clock, RecordedClock) and clock.speed == 0:
            self._run(self._play_out())
        else:
            self._run(self.market.run())
            self._run(self._timers.run())
            self._run(self._reconciler.run())
            if self._plan is not None:
                self._run(follow(self._plan, clock))
        if self._last_line is not None:
            self._run(self._last_line.run())
        self._run(self._snapshots.begin())
        self._run(verify_behind(self.journal, self._on_damage, self.pace.rest))
        self._run(self._disk.run(self.pace.disk_every_s))
        if self._edits is not None:
            self._run(self._edits.run())
        if isinstance(clock, LiveClock):
            self._run(watch_clock(clock.find_step, self.loop.tell, self.pace.clock_every_s))
        if self.settings.source != "defaults":
            self._watch_settings(Path(self.settings.source))

    def _watch_settings(self, path: Path) -> None:
        """Take changed limits from the file; one that is not applied is said by whoever asks how we are."""
        reloader = Reloader(self.settings, path, self.loop.ask, lambda: self.loop.state)
        self.health.also(lambda: reloader.problem and f"{path.name} is not applied: {reloader.problem}")
        self._run(reloader.run())

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        task.add_done_callback(log_failure)
        self._tasks.append(task)

    async def _play_out(self) -> None:
        """Let the recording set the time, with nothing by our own clock in between; after it, time passes by itself."""
        await self._settle()
        await self.market.run()
        await asyncio.gather(self._timers.run(), self._reconciler.run())

    def _on_damage(self, damage: JournalCorrupt) -> None:
        note_distrust(Layout(self.settings.data_dir), str(damage), failed_sync=False)
        self._abort(f"the journal is damaged: {damage}")

    def _on_rebuilt(self) -> None:
        self.hours.look_again()
        self._timers.reload()
        self._reconciler.ask()

    def _expected(self, account: AccountId) -> list[RoutedOrderId]:
        """Return the orders of an account that its broker has acknowledged and that we count on."""
        known = self.loop.state.accounts.get(account)
        orders = () if known is None else known.live.values()
        return [order.routed_order_id for order in orders if order.broker_order_id or order.external]

    async def _settle(self) -> None:
        """Return once everything that was set off is decided, on disk, carried out and reported."""
        for turn in count():
            await self.loop.quiet()
            await self._brokers.settle()
            if self.loop.is_quiet and self._dispatcher.is_idle and self._brokers.is_settled:
                return
            await asyncio.sleep(0 if turn < TURNS else PAUSE_S)

    async def _drain(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_S):
                await self._settle()

    async def _last_snapshot(self) -> None:
        if self.loop.state.seq == self.loop.durable_seq == self.loop.journaled_seq:
            await self._snapshots.close(self.loop.durable_seq, self.loop.state)

    async def _cancel_tasks(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
