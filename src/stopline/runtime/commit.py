"""Group commit: one append under way; what is said meanwhile shares the next.

A journal that refuses (full, locked) or takes too long (slow) is left to the healer, which
tries again with backoff; what is said meanwhile is made durable in the spool, and then goes
out as ever, but for new risk: that is void. The spool holds the very records that the journal
lacks, in order, and is emptied only once the journal has them. Without a spool they wait
here, unsaid. A lost journal ends the process: only a new start can verify what is on disk.

    journal        spool (said)      kept (unsaid)    in flight   said, waiting
    1 ........ 99  100 ........ 120  121 ...... 130   131 132     133 ...

Source     architecture.md promises 5 and 6; reliability.md F06-F08, F11, F12.
"""

import asyncio
import logging
from asyncio import Future, Task
from collections.abc import Callable
from typing import Any

from stopline.ports.journal import Journal, JournalRefused, Record
from stopline.ports.spool import Spool, SpoolRefused
from stopline.runtime.refusals import fail, store_unavailable
from stopline.runtime.said import Said, adds_risk, records_of

FIRST_RETRY_S = 0.05
LONGEST_RETRY_S = 5.0
SLOW_S = 0.5
"""How long a decision may wait for the disk (reliability.md F12)."""
GRACE_S = 0.05
"""So much longer, for a process that was stopped meanwhile and not the disk."""
LAZY_S = 0.02
"""How long a record that nobody waits for may wait for others to share its commit."""
SPOOLED = frozenset({"store_full", "store_locked", "store_slow"})
"""Refusals that the journal gets over. Of any other it may never take the record: nobody is told of it."""
log = logging.getLogger(__name__)


class Committer:
    """Makes what was said durable, in order, and hands it on. Runs on the event loop."""

    def __init__(
        self,
        journal: Journal,
        on_durable: Callable[[list[Said]], None],
        on_refused: Callable[[str], None],
        on_accepted: Callable[[str, tuple[Record, ...]], None],
        on_lost: Callable[[str], None],
        spool: Spool | None = None,
        patience_s: float | None = None,
    ) -> None:
        """Nobody waits for the disk longer than `patience_s` (None: SLOW_S) with a decision that adds risk."""
        self._journal, self._spool = journal, spool
        self._patience_s = patience_s
        self._on_durable, self._on_refused = on_durable, on_refused
        self._on_accepted, self._on_lost = on_accepted, on_lost
        self._said: list[Said] = []
        self._in_flight: list[Said] = []
        self._kept: list[Said] = []
        self._in_spool: list[Record] = []
        self._is_due = False
        """Whether somebody waits for what is queued; what is lazy alone waits for company."""
        self._timer: asyncio.TimerHandle | None = None
        self._work: Future[None] | None = None
        self._idle: list[Future[None]] = []
        self._healer: Task[None] | None = None
        self._is_healed = False
        self._began_at = 0.0
        self.journaled_seq = journal.head().seq
        self.refused = ""
        """Why the journal refuses appends; empty while it takes them."""
        self.spools = False
        """Whether the spool takes what the journal refuses."""
        self.commits = 0
        self.records = 0

    @property
    def has_spool(self) -> bool:
        """Whether there is a spool."""
        return self._spool is not None

    @property
    def is_idle(self) -> bool:
        """Whether all that was said is durable."""
        return not (self._said or self._in_flight or self._kept)

    def __len__(self) -> int:
        return len(self._said) + len(self._in_flight) + len(self._kept)

    @property
    def is_slow(self) -> bool:
        """Whether the append under way takes so long that no new risk should queue behind it."""
        return self._began_at > 0 and asyncio.get_running_loop().time() - self._began_at > self._slow_s

    @property
    def _slow_s(self) -> float:
        return SLOW_S if self._patience_s is None else self._patience_s

    def unsaid(self) -> list[Said]:
        """Return what was said and is not durable."""
        return self._kept + self._in_flight + self._said

    def unjournaled(self) -> list[Record]:
        """Return the records that are durable in the spool, or kept here, and not known to be in the journal."""
        waiting = self._in_spool + records_of(self._kept)
        return [record for record in waiting if record.seq > self.journaled_seq]

    def add(self, said: Said, is_lazy: bool = False) -> None:
        """Queue what a step said behind everything said before. Nobody waits for what is lazy."""
        if self.refused and adds_risk(said):
            said.is_late = True
        self._said.append(said)
        self._is_due = self._is_due or not is_lazy

    def kick(self) -> None:
        """See to it that what is queued is committed: now, or soon if nobody waits for it."""
        if self._is_due:
            if self._said:
                self._wake()
        elif self._said and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(LAZY_S, self._hurry)

    def _hurry(self) -> None:
        self._timer = None
        self._is_due = True
        self.kick()

    def _wake(self) -> None:
        if self._work is not None and not self._work.done():
            self._work.set_result(None)

    async def idle(self) -> None:
        """Return once all that was said is durable."""
        if not self.is_idle:
            waiter = asyncio.get_running_loop().create_future()
            self._idle.append(waiter)
            self._is_due = True
            self.kick()
            await waiter

    async def run(self) -> None:
        """Commit for ever; anything unforeseen ends the process, for a new start to verify."""
        try:
            while True:
                await self._commit_next()
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            self._lose(error)
        finally:
            if self._healer is not None:
                self._healer.cancel()
                await asyncio.gather(self._healer, return_exceptions=True)

    def _lose(self, error: BaseException) -> None:
        log.critical("the journal is lost", exc_info=error)
        self._on_lost(f"the journal is lost: {error}")
        self._wake_idle()

    async def _commit_next(self) -> None:
        if self._is_healed:
            await self._return_to_journal()
            return
        if not (self._said and self._is_due):
            self._work = asyncio.get_running_loop().create_future()
            await self._work
            return
        self._in_flight, self._said, self._is_due = self._said, [], False
        if not await self._make_durable(records_of(self._in_flight)):
            self._keep()
            return
        durable, self._in_flight = self._in_flight, []
        self._on_durable(durable)
        if self.is_idle:
            self._wake_idle()

    async def _make_durable(self, records: list[Record]) -> bool:
        if not self.refused and (not records or await self._append(records)):
            return True
        return not self._kept and (not records or await self._append_to_spool(records))

    # --- the journal -----------------------------------------------------------------------

    async def _append(self, records: list[Record]) -> bool:
        """Append to the journal; False when it refused, or did not come back in time."""
        self._began_at = asyncio.get_running_loop().time()
        try:
            if self._spool is None:
                await self._journal.append(records)
            else:
                attempt = asyncio.ensure_future(self._journal.append(records))
                if not (await _is_done(attempt, self._slow_s) or await _is_done(attempt, GRACE_S)):
                    text = f"no answer for {self._slow_s} s; nobody knows yet whether it takes record {records[0].seq}"
                    self._refuse("store_slow", text, self._heal(attempt, records))
                    return False
                await attempt
        except JournalRefused as refusal:
            self._refuse(refusal.reason, str(refusal), self._heal())
            return False
        finally:
            self._began_at = 0.0
        self._note_appended(records)
        return True

    def _note_appended(self, records: list[Record]) -> None:
        self.journaled_seq = records[-1].seq
        self.commits += 1
        self.records += len(records)

    def _refuse(self, reason: str, message: str, healing: Any) -> None:
        """Begin to do without the journal. What was decided in time before it was slow stays decided."""
        log.critical("the journal refuses appends (%s): %s", reason, message)
        self.refused, self.spools = reason, self._spool is not None and reason in SPOOLED
        for said in self.unsaid():
            if not self.spools or (reason != "store_slow" and adds_risk(said)):
                self._void(said, message)
        self._healer = asyncio.get_running_loop().create_task(healing)
        self._on_refused(reason)

    def _void(self, said: Said, message: str = "") -> None:
        said.is_late = True
        fail(said.answer, store_unavailable(self.refused, message, self.spools))

    async def _heal(self, attempt: "Future[None] | None" = None, records: list[Record] | None = None) -> None:
        """Try until the journal takes what it lacks, then say so; an attempt may be under way already."""
        pause_s = FIRST_RETRY_S
        try:
            while True:
                if attempt is not None and records and await self._comes_back(attempt):
                    self._note_appended(records)
                    break
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 2, LONGEST_RETRY_S)
                records = self.unjournaled()
                attempt = asyncio.ensure_future(self._journal.append(records)) if records else None
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            self._lose(error)
            return
        self._is_healed = True
        self._wake()

    async def _comes_back(self, attempt: "Future[None]") -> bool:
        try:
            await attempt
        except JournalRefused as refusal:
            log.warning("the journal still refuses appends (%s): %s", refusal.reason, refusal)
            self.refused = refusal.reason
            return False
        return True

    async def _return_to_journal(self) -> None:
        """The journal takes appends again: give it what came since, empty the spool, go on as ever."""
        self._is_healed = False
        rest = self.unjournaled()
        if rest:
            try:
                await self._journal.append(rest)
            except JournalRefused:
                self._healer = asyncio.get_running_loop().create_task(self._heal())
                return
            self._note_appended(rest)
        if self._in_spool and self._spool is not None:
            await self._spool.clear()
        spooled, self._in_spool = tuple(self._in_spool), []
        kept, self._kept = self._kept, []
        reason, self.refused, self.spools = self.refused, "", False
        self._on_accepted(reason, spooled)
        self._on_durable(kept)
        if self.is_idle:
            self._wake_idle()

    # --- the spool -------------------------------------------------------------------------

    async def _append_to_spool(self, records: list[Record]) -> bool:
        """Make records durable in the spool; False when it takes nothing more."""
        if not self.spools or self._spool is None:
            return False
        writing = asyncio.ensure_future(self._spool.append(records))
        if not await _is_done(writing, self._slow_s):
            for said in self._in_flight:
                if adds_risk(said):
                    self._void(said)
        try:
            await writing
        except SpoolRefused as refusal:
            log.critical("the spool refuses too: %s", refusal)
            self.spools = False
            return False
        self._in_spool += records
        return True

    def _keep(self) -> None:
        """Nothing takes them: they wait, unsaid, and nothing of them is ever sent."""
        for said in self._in_flight:
            self._void(said)
        self._kept += self._in_flight
        self._in_flight = []

    def _wake_idle(self) -> None:
        waiters, self._idle = self._idle, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)


async def _is_done(work: "Future[None]", patience_s: float) -> bool:
    """Wait for so long, and leave it alone then; who stops waiting for good stops it too."""
    if not work.done():
        try:
            await asyncio.wait({work}, timeout=patience_s)
        except asyncio.CancelledError:
            work.cancel()
            raise
    return work.done()
