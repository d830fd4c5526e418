"""The single writer: puts inputs in order, steps them, and says nothing before it is on disk.

State moves at once, so the next decision already counts the one before it. Replies,
effects, subscribers and projections wait for the commit. Everything here runs on one
event loop; an input costs a queue entry and a future, never a task.

Source     architecture.md promises 2, 5, 6, 9; reliability.md F37, S15, I17, I20.
"""

import asyncio
import logging
from asyncio import Future
from collections.abc import Callable
from typing import Any, TypeVar

from stopline.engine.decide.spooled import LEAVE_ONLY, may_pass
from stopline.engine.outcome import Outcome
from stopline.engine.step import step as engine_step
from stopline.messages import inputs as i
from stopline.messages.decided import decided_ids
from stopline.messages.events import Event
from stopline.messages.replies import Done, Reply
from stopline.messages.upcast import encode_events
from stopline.model.numbers import Nanos
from stopline.ports.clock import EngineClock
from stopline.ports.desk import DeskUnavailable, Subscriber
from stopline.ports.journal import Journal, JournalError, Record, chain_hash
from stopline.ports.spool import Spool
from stopline.runtime.commit import Committer
from stopline.runtime.inbox import Inbox, Look
from stopline.runtime.publish import CarryOut, Publisher
from stopline.runtime.reconcile import NEVER
from stopline.runtime.recover import fold_records
from stopline.runtime.refusals import account_of, fail, going_down, overloaded, store_slow, store_unavailable
from stopline.runtime.repeats import MAY_REPEAT, Repeats
from stopline.runtime.said import Said
from stopline.state.state import State
from stopline.state.view import StateView

T = TypeVar("T")
SLICE = 64
"""Inputs stepped before the event loop gets its turn."""
INBOX_LIMIT = 4096
"""Entries waiting for a step or for the disk, beyond which new entries are refused."""
BOUNDED: frozenset[type] = frozenset({i.SubmitOrder, i.ReplaceOrder, i.CheckOrder})
"""What a full inbox refuses. Exits, cancels, kills and reports are always admitted."""
ENGINE = "engine"
_DONE = Done()
POINTLESS_WHILE_REFUSED: frozenset[type] = frozenset({i.MarkPnl})
ADMITTED_WHILE_SPOOLED: frozenset[type] = LEAVE_ONLY | {i.SubmitOrder, Look}
"""What is let in while records go to the spool; of orders, `may_pass` lets through those that lead out."""
LAZY: frozenset[type] = frozenset({i.OrderSent, i.MarkPnl})
"""Inputs whose record nobody waits for: it shares another's commit (architecture.md promise 7)."""
Step = Callable[[State, i.Input, Nanos], Outcome]
log = logging.getLogger(__name__)


class Loop:
    """The single writer over one state and one journal."""

    def __init__(
        self,
        state: State,
        journal: Journal,
        clock: EngineClock,
        *,
        rebuild: Callable[[], State],
        abort: Callable[[str], None],
        carry_out: CarryOut = lambda effects, is_late: None,
        on_rebuilt: Callable[[], None] = lambda: None,
        conflate: bool = True,
        inbox_limit: int = INBOX_LIMIT,
        step: Step = engine_step,
        spool: Spool | None = None,
        disk_patience_s: float | None = None,
    ) -> None:
        head = journal.head()
        self.state = state
        self._clock, self._step = clock, step
        self._rebuild_state, self._abort = rebuild, abort
        self._on_rebuilt = on_rebuilt
        self._inbox = Inbox(conflate)
        self._inbox_limit = inbox_limit
        self._repeats = Repeats(journal)
        self.publisher = Publisher(head.seq, clock, self._repeats, carry_out)
        self._committer = Committer(
            journal, self.publisher.publish, self._on_refused, self._on_accepted, self._on_lost, spool, disk_patience_s
        )
        self._last_hash = head.hash
        self._drain_is_due = False
        self._broken: Exception | None = None
        self._closing = ""
        self._is_lost = False
        self._tasks: set[asyncio.Task[None]] = set()
        self.steps = 0
        self.step_failures = 0

    # --- what doors, brokers and feeds call ------------------------------------------------

    async def ask(self, message: i.Input) -> Reply:
        """Hand in an input; returns its reply once its record is durable. Raises DeskUnavailable."""
        return await self.hand_in(message)

    def hand_in(self, message: i.Input) -> "Future[Reply]":
        """Hand in an input; its reply is set once its record is durable. Raises DeskUnavailable, at once or there."""
        self._admit(type(message))
        answer: Future[Reply] = asyncio.get_running_loop().create_future()
        self._inbox.put(message, answer)
        self._schedule()
        return answer

    def tell(self, message: i.Input) -> None:
        """Hand in a report, a quote or a timer: always admitted, never answered. Call it on the loop."""
        self._inbox.put(message, None)
        self._schedule()

    async def look(self, view: Callable[[StateView, Nanos], T]) -> T:
        """Run `view` behind all inputs before it; returns once those are durable."""
        self._admit(Look)
        answer: Future[T] = asyncio.get_running_loop().create_future()
        self._inbox.put(Look(view), answer)
        self._schedule()
        return await answer

    def peek(self, view: Callable[[StateView, Nanos], T]) -> T:
        """Run `view` on the state as it is now."""
        return view(self.state, self._clock.at())

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Hear every durable record, in order; returns the unsubscribe."""
        return self.publisher.subscribe(subscriber)

    def recorded(self, seq: int) -> tuple[Nanos, tuple[Event, ...]]:
        """Return (at, events) of one durable record, however old; raises KeyError."""
        if not 0 < seq <= self.durable_seq:
            raise KeyError(seq)
        return self._repeats.read(seq)

    # --- its life --------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to take inputs."""
        self._spawn(self._committer.run())

    async def quiet(self) -> None:
        """Return once no input waits and all that was said is durable (or the journal is lost)."""
        while not (self.is_quiet or self._is_lost):
            await self._committer.idle()
            await asyncio.sleep(0.001 if self._broken is not None else 0)

    async def stop(self) -> None:
        """Take no more entries, finish what is under way, and rest."""
        self._closing = self._closing or "shutting_down"
        if not self._committer.refused or self._committer.spools:
            await self.quiet()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._fail_waiting("shutting_down", "Stopline is shutting down")

    @property
    def durable_seq(self) -> int:
        """Up to where everything is on disk and said."""
        return self.publisher.durable_seq

    @property
    def durable_before(self) -> Nanos:
        """What was decided before this instant is on disk; all is, where it is never."""
        return NEVER if self.state.seq <= self.durable_seq else self.publisher.durable_at

    @property
    def journaled_seq(self) -> int:
        """Up to where the journal itself has everything; what is durable beyond it is in the spool."""
        return self._committer.journaled_seq

    @property
    def refused(self) -> str:
        """Why the journal refuses appends, or an empty string."""
        return self._committer.refused

    @property
    def spools(self) -> bool:
        """Whether the spool takes what the journal refuses, so that who wants out can leave."""
        return self._committer.spools

    @property
    def has_spool(self) -> bool:
        """Whether there is a spool."""
        return self._committer.has_spool

    @property
    def is_rebuilding(self) -> bool:
        """Whether the state was dropped and is being made again."""
        return self._broken is not None

    @property
    def is_quiet(self) -> bool:
        """Whether nothing waits for a step or for the disk."""
        return not len(self._inbox) and self._committer.is_idle and self._broken is None

    def counts(self) -> dict[str, int]:
        """Return counters, for the metrics."""
        return {
            "steps": self.steps,
            "step_failures": self.step_failures,
            "commits": self._committer.commits,
            "records": self._committer.records,
            "inbox": len(self._inbox),
            "quotes_conflated": self._inbox.quotes_conflated,
            "durable_seq": self.durable_seq,
        }

    # --- inputs to records -----------------------------------------------------------------

    def _admit(self, kind: type) -> None:
        if self._closing:
            raise going_down(self._closing)
        if self._committer.refused and not (self._committer.spools and kind in ADMITTED_WHILE_SPOOLED):
            raise self._store_unavailable()
        if kind in BOUNDED:
            if len(self._inbox) + len(self._committer) >= self._inbox_limit:
                raise overloaded()
            if self._committer.is_slow:
                raise store_slow()

    def _schedule(self) -> None:
        if not self._drain_is_due and self._broken is None:
            self._drain_is_due = True
            asyncio.get_running_loop().call_soon(self._drain)

    def _drain(self) -> None:
        """Step a slice of the inbox; all of it shares the next commit."""
        self._drain_is_due = False
        for _ in range(SLICE):
            if self._broken is not None:
                return
            entry = self._inbox.take()
            if entry is None:
                break
            message, answer = entry
            if isinstance(message, Look):
                self._show(message, answer)
            else:
                self._take(message, answer)
        self._committer.kick()
        if len(self._inbox):
            self._schedule()

    def _take(self, message: i.Input, answer: "Future[Any] | None") -> None:
        """Step one input. An exception drops the state: what it left half done is not trusted."""
        if self._committer.refused and self._is_held_back(message, answer):
            fail(answer, self._store_unavailable())
            return
        at = max(self._clock.at(), self.state.at)
        if type(message) in MAY_REPEAT and self._repeat(message, answer):
            return
        try:
            outcome = self._step(self.state, message, at)
            record = self._make_record(outcome, at) if outcome.events else None
        except Exception as error:
            self._break(message, answer, error)
            return
        self.steps += 1
        if record is not None or answer is not None or outcome.effects:
            is_lazy = type(message) in LAZY and answer is None and not outcome.effects
            self._committer.add(Said(record, outcome.events, outcome.effects, outcome.reply or _DONE, answer), is_lazy)

    def _is_held_back(self, message: i.Input, answer: "Future[Any] | None") -> bool:
        """Whether an input is not stepped while the journal refuses. Reports and timers always are."""
        if type(message) in POINTLESS_WHILE_REFUSED:
            return True
        return answer is not None and not (self._committer.spools and may_pass(self.state, message))

    def _store_unavailable(self) -> DeskUnavailable:
        return store_unavailable(self._committer.refused, spools=self._committer.spools)

    def _repeat(self, message: i.Input, answer: "Future[Any] | None") -> bool:
        """Answer an order whose id was decided before the engine's memory; False to all others."""
        try:
            reply = self._repeats.find(self.state, message)
        except JournalError as error:
            log.exception("the journal could not be searched for an old id")
            fail(answer, store_unavailable("store_error", str(error)))
            return True
        if reply is not None:
            self._committer.add(Said(None, reply=reply, answer=answer))
        return reply is not None

    def _make_record(self, outcome: Outcome, at: Nanos) -> Record:
        body = encode_events(outcome.events)
        decided = decided_ids(outcome.events)
        prev, self._last_hash = self._last_hash, chain_hash(self._last_hash, outcome.seq, at, body)
        return Record(outcome.seq, at, body, prev, self._last_hash, decided)

    def _show(self, question: Look, answer: "Future[Any] | None") -> None:
        if self._committer.refused and not self._committer.spools:
            fail(answer, self._store_unavailable())
            return
        try:
            seen = question.view(self.state, self._clock.at())
        except Exception as error:
            fail(answer, error)
            return
        self._committer.add(Said(None, reply=seen, answer=answer))

    # --- trouble ---------------------------------------------------------------------------

    def _on_refused(self, reason: str) -> None:
        self.tell(i.StoreFailing(reason=reason))

    def _on_accepted(self, reason: str, spooled: tuple[Record, ...]) -> None:
        log.warning("the journal takes appends again; %d records came from the spool", len(spooled))
        self.tell(i.StoreFailing(reason=""))
        if spooled:
            self.tell(i.SpoolRecovered(first_seq=spooled[0].seq, last_seq=spooled[-1].seq, reason=reason))

    def _on_lost(self, reason: str) -> None:
        self._closing, self._is_lost = "store_lost", True
        self._fail_waiting("store_unavailable", reason)
        self._abort(reason)

    def _fail_waiting(self, reason: str, message: str) -> None:
        answers = [answer for _, answer in self._inbox.drain()]
        for answer in (*answers, *(said.answer for said in self._committer.unsaid())):
            fail(answer, DeskUnavailable(reason, message))

    def _break(self, message: i.Input, answer: "Future[Any] | None", error: Exception) -> None:
        log.critical("step raised on %s; the state is dropped and made again", type(message).__name__, exc_info=error)
        self.step_failures += 1
        self._broken = error
        fail(answer, DeskUnavailable("internal", "the decision failed inside; nothing was decided"))
        self._committer.kick()
        self._spawn(self._make_again(message, error))

    async def _make_again(self, message: i.Input, error: Exception) -> None:
        """Fold the journal again once all that was said is in it; the account that broke it may only reduce."""
        await self._committer.idle()
        in_spool = self._committer.unjournaled()
        try:
            state = await asyncio.to_thread(self._rebuild_state)
            fold_records(state, (record for record in in_spool if record.seq > state.seq))
            self.state = state
        except Exception as worse:
            log.critical("the state could not be made again", exc_info=worse)
            self._on_lost(f"the state could not be made again after {error!r}: {worse}")
            return
        if isinstance(message, i.TripBreaker) and message.actor == ENGINE:
            self._on_lost(f"even a breaker could not be tripped: {error!r}")
            return
        account = account_of(message)
        self._broken = None
        if account in self.state.accounts:
            text = f"internal error on {type(message).__name__}: {error!r}"
            self._inbox.put(i.TripBreaker(account=account, reason=text, actor=ENGINE), None)
        self._schedule()
        self._on_rebuilt()

    def _spawn(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
