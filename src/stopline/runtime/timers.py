"""Feeds what comes due: the state's timers, each account's next trading day, and the mark every five seconds.

Everything goes by engine time, in the order in which it was due. After a sleep of the
machine, or a jump of a recording, a missed mark is made once and not many times.

Source     architecture.md promise 8; semantics.md sections 9 and 11; reliability.md F17, I09.
"""

import asyncio
from collections.abc import Callable
from heapq import heappop, heappush
from typing import Protocol

from msgspec.structs import replace

from stopline.messages import inputs as i
from stopline.messages.events import AccountOpened, Event, SessionOpened, TimerEnded, TimerSet
from stopline.model.ids import AccountId
from stopline.model.numbers import SECOND, Nanos
from stopline.ports.clock import EngineClock
from stopline.runtime.own_hours import own_hours
from stopline.runtime.sessions import find_session
from stopline.runtime.weeks import week_of
from stopline.state.state import State


class Schedule(Protocol):
    """Something else that comes due, such as the hours of markets."""

    def next_due(self) -> Nanos:
        """Return the instant at which it has something to say."""

    def feed_due(self, at: Nanos) -> None:
        """Say what is due by `at`."""


MARK_EVERY: Nanos = 5 * SECOND
NEVER: Nanos = 2**63 - 1
_CONCERNED: frozenset[type] = frozenset({TimerSet, TimerEnded, SessionOpened, AccountOpened})


class Timers:
    """What is due next, and the inputs that say so."""

    def __init__(
        self,
        tell: Callable[[i.Input], None],
        state: Callable[[], State],
        clock: EngineClock,
        mark_every: Nanos = MARK_EVERY,
    ) -> None:
        self._tell, self._state, self._clock, self._mark_every = tell, state, clock, mark_every
        self._heap: list[tuple[Nanos, str]] = []
        self._resets: list[tuple[Nanos, AccountId]] = []
        self._reset_of: dict[AccountId, Nanos] = {}
        """The one entry of `_resets` that counts for an account."""
        self._schedules: tuple[Schedule, ...] = ()
        self._next_mark: Nanos = _after(clock.at(), mark_every)
        self._changed = asyncio.Event()

    def reload(self) -> None:
        """Take all timers and sessions from the state, after a start or a rebuild."""
        state = self._state()
        self._heap, self._resets, self._reset_of = [], [], {}
        for timer in state.timers.values():
            heappush(self._heap, (timer.due_at, timer.timer_id))
        for name, account in state.accounts.items():
            session = account.day.session
            self._await_reset(name, 0 if session is None else session.resets_at)
        self._changed.set()

    def also(self, schedule: Schedule) -> None:
        """Feed what this schedule has due, too."""
        self._schedules = (*self._schedules, schedule)
        self._changed.set()

    def wake(self) -> None:
        """Look again at what is due next."""
        self._changed.set()

    def _await_reset(self, name: AccountId, due: Nanos) -> None:
        self._reset_of[name] = due
        heappush(self._resets, (due, name))

    def hear(self, seq: int, at: Nanos, events: tuple[Event, ...]) -> None:
        """Learn of new timers and sessions from a durable record."""
        for event in events:
            if type(event) not in _CONCERNED:
                continue
            if isinstance(event, TimerSet):
                heappush(self._heap, (event.due_at, event.timer_id))
            elif isinstance(event, SessionOpened):
                self._await_reset(event.account, event.session.resets_at)
            elif isinstance(event, AccountOpened):
                self._await_reset(event.terms.account, 0)
            self._changed.set()

    def next_due(self, marks: bool = True) -> Nanos:
        """Return the instant at which something comes due; without `marks`, something that cannot be made up for."""
        timers = self._state().timers
        while self._heap and self._heap[0][1] not in timers:
            heappop(self._heap)
        while self._resets and self._reset_of.get(self._resets[0][1]) != self._resets[0][0]:
            heappop(self._resets)
        due = self._next_mark if marks else NEVER
        if self._heap:
            due = min(due, self._heap[0][0])
        if self._resets:
            due = min(due, self._resets[0][0])
        return min(due, *(schedule.next_due() for schedule in self._schedules), NEVER)

    def feed_due(self) -> None:
        """Feed all that is due by now."""
        at = self._clock.at()
        timers = self._state().timers
        while self._heap and self._heap[0][0] <= at:
            _, timer_id = heappop(self._heap)
            if timer_id in timers:
                self._tell(i.TimerDue(timer_id=timer_id))
        while self._resets and self._resets[0][0] <= at:
            due, name = heappop(self._resets)
            if self._reset_of.get(name) == due:
                self._await_reset(name, self._schedule_session(name, at))
        for schedule in self._schedules:
            schedule.feed_due(at)
        if self._next_mark <= at:
            self._next_mark = _after(at, self._mark_every)
            self._tell(i.MarkPnl())

    def _schedule_session(self, name: AccountId, at: Nanos) -> Nanos:
        """Tell an account which trading day it is in; return when to look again.

        Where its reset was moved, days still follow one another without a gap.
        """
        account = self._state().accounts[name]
        session, current = find_session(account.terms, at), account.day.session
        if current is not None:
            if at < current.resets_at:
                return current.resets_at
            if session.session_id <= current.session_id:
                return session.resets_at
            session = replace(session, opens_at=max(session.opens_at, current.resets_at))
        week = week_of(account.terms, session)
        hours = own_hours(account.terms, account.rules.session_block, at)
        self._tell(i.SessionScheduled(account=name, session=session, week=week, hours=hours))
        return session.resets_at

    async def run(self) -> None:
        """Feed for ever, as time goes by."""
        while True:
            self._changed.clear()
            self.feed_due()
            sleeper = asyncio.ensure_future(self._clock.sleep_until(self.next_due()))
            change = asyncio.ensure_future(self._changed.wait())
            try:
                await asyncio.wait((sleeper, change), return_when=asyncio.FIRST_COMPLETED)
            finally:
                sleeper.cancel()
                change.cancel()


def _after(at: Nanos, every: Nanos) -> Nanos:
    """Return the next multiple of `every`."""
    return at - at % every + every
