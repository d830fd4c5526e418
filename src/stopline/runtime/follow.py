"""Feeds durable records to the projections, in a thread of their own, and lets readers wait for them.

Source     architecture.md promises 5 and 15.
"""

import asyncio
import logging
import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future as ConcurrentFuture
from typing import Any, Generic, Protocol, TypeAlias, TypeVar

from stopline.messages.events import Event
from stopline.messages.upcast import decode_events
from stopline.model.numbers import Nanos
from stopline.ports.desk import DeskUnavailable, Row
from stopline.ports.journal import Journal
from stopline.runtime.said import Said

PATIENCE_S = 5.0
FIRST_RETRY_S, LONGEST_RETRY_S = 0.1, 10.0
MOST_AT_ONCE = 2_000
GATHER_S = 0.02
"""How long records are gathered for one transaction, while nobody waits for the rows."""
T = TypeVar("T")
Heard: TypeAlias = tuple[int, Nanos, tuple[Event, ...]]
log = logging.getLogger(__name__)


class Projections(Protocol):
    """The tables made from the journal. All methods are called on one thread but `rows`, which may be on any."""

    def checkpoint(self) -> int:
        """Return the seq of the last record that is in the tables."""

    def apply(self, records: Sequence[Heard]) -> None:
        """Put records into the tables and move the checkpoint, in one transaction."""

    def rows(self, table: str, **filters: object) -> list[Row]:
        """Return rows of one table."""

    def close(self) -> None:
        """Let go of the file."""


class _Job(Generic[T]):
    """Something to do on the projections' thread."""

    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self.answer: ConcurrentFuture[T] = ConcurrentFuture()

    def do(self) -> None:
        if not self.answer.set_running_or_notify_cancel():
            return
        try:
            self.answer.set_result(self._work())
        except Exception as error:
            self.answer.set_exception(error)


_Item: TypeAlias = "list[Heard] | _Job[Any] | None"
"""A durable batch, a job, or the end."""


class Follower:
    """The projections' own thread, behind an unbounded queue of what is durable."""

    def __init__(self, projections: Projections, journal: Journal) -> None:
        self._projections, self._journal = projections, journal
        self._queue: queue.SimpleQueue[_Item] = queue.SimpleQueue()
        self._reached = 0
        self._waiters: list[tuple[int, asyncio.Future[None]]] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_closing = False
        self._again = threading.Event()
        """Try again now, and not only after the pause."""
        self._hurry = threading.Event()
        """Gather no longer: somebody waits."""
        self._thread = threading.Thread(target=self._run, name="projections", daemon=True)
        self.failure = ""
        """Why the projections stand still; empty while they follow."""

    @property
    def checkpoint(self) -> int:
        """The seq up to which rows are there."""
        return self._reached

    def start(self) -> None:
        """Catch up with the journal, then follow."""
        self._loop = asyncio.get_running_loop()
        self._thread.start()

    def hear(self, durable: list[Said]) -> None:
        """Take over a durable batch; call it on the loop, in order."""
        heard = [(said.record.seq, said.record.at, said.events) for said in durable if said.record is not None]
        if heard:
            self._queue.put(heard)

    async def rows(self, seq: int, table: str, **filters: object) -> list[Row]:
        """Return rows once record `seq` is in them. Raises DeskUnavailable when that takes too long."""
        await self._reach(seq)
        return await asyncio.to_thread(self._projections.rows, table, **filters)

    async def _reach(self, seq: int) -> None:
        if self._reached >= seq:
            return
        if self.failure:
            self._again.set()
        self._hurry.set()
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.append((seq, waiter))
        try:
            async with asyncio.timeout(PATIENCE_S):
                await waiter
        except TimeoutError:
            why = self.failure or "ask again in a moment"
            text = f"the tables stand at record {self._reached}, not yet at {seq}: {why}"
            raise DeskUnavailable("projections_behind", text) from None

    async def close(self) -> None:
        """Finish what was heard and let go."""
        if self._thread.is_alive():
            self._is_closing = True
            self._queue.put(None)
            self._again.set()
            self._hurry.set()
            await asyncio.to_thread(self._thread.join, PATIENCE_S)
        self._projections.close()

    async def call(self, work: Callable[[], T]) -> T:
        """Run something on the projections' thread, behind all that was heard before."""
        job: _Job[T] = _Job(work)
        self._queue.put(job)
        self._hurry.set()
        return await asyncio.wrap_future(job.answer)

    # --- on the projections' thread --------------------------------------------------------

    def _run(self) -> None:
        self._catch_up()
        while self._carry_out(self._take()):
            pass

    def _take(self) -> list[_Item]:
        """Return what waits, at least one item; with what comes in the next moment, if nobody is in a hurry."""
        items = [self._queue.get()]
        self._hurry.wait(GATHER_S)
        self._hurry.clear()
        while len(items) < MOST_AT_ONCE and not self._queue.empty():
            items.append(self._queue.get())
        return items

    def _carry_out(self, items: list[_Item]) -> bool:
        """Apply batches together and do jobs in their place; False at the end of all."""
        batch: list[Heard] = []
        for item in items:
            if isinstance(item, list):
                batch += item
                continue
            self._apply(batch)
            batch = []
            if item is None:
                return False
            item.do()
        self._apply(batch)
        return True

    def _catch_up(self) -> None:
        """Put in what the tables lack, up to where the journal ends now; what comes later was heard."""
        self._tell(self._projections.checkpoint())
        batch: list[Heard] = []
        for record in self._journal.read(after_seq=self._reached):
            batch.append((record.seq, record.at, decode_events(record.body)))
            if len(batch) >= MOST_AT_ONCE:
                self._apply(batch)
                batch = []
        self._apply(batch)

    def _apply(self, batch: list[Heard]) -> None:
        """Put records into the tables, however often that fails: nothing is skipped. Who asks for rows hurries it."""
        fresh = [heard for heard in batch if heard[0] > self._reached]
        pause_s = FIRST_RETRY_S
        while fresh:
            try:
                self._projections.apply(fresh)
            except Exception as error:
                if self.failure != repr(error):
                    log.exception("the tables stand still at record %d", self._reached)
                self.failure = repr(error)
            else:
                self.failure = ""
                self._tell(fresh[-1][0])
                return
            self._again.wait(pause_s)
            self._again.clear()
            if self._is_closing:
                return
            pause_s = min(pause_s * 2, LONGEST_RETRY_S)

    def _tell(self, reached: int) -> None:
        self._reached = reached
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        waiting = []
        for seq, waiter in self._waiters:
            if waiter.done():
                continue
            if seq <= self._reached:
                waiter.set_result(None)
            else:
                waiting.append((seq, waiter))
        self._waiters = waiting
