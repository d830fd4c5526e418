"""Takes quotes from the feed to the loop and to the paper exchange.

With a recording at speed 0 the next quote waits until everything that the one before it
set off is decided, on disk and carried out: so a run gives the same answers every time,
however fast the machine is. What is planned for an instant is asked after the last quote up to it.

Source     semantics.md section 12 (market files); reliability.md F37; architecture.md promise 8.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from inspect import isawaitable

from stopline.messages.inputs import Input, QuoteReceived
from stopline.model.ids import InstrumentId
from stopline.model.numbers import Nanos
from stopline.model.quote import Quote
from stopline.ports.clock import EngineClock
from stopline.ports.feed import Feed
from stopline.runtime.clocks import RecordedClock
from stopline.runtime.plan import NoPlan, Plan
from stopline.runtime.timers import NEVER, Timers

BREATH = 256
"""Quotes after which a fast feed lets others run."""
Listener = Callable[[Quote], Awaitable[None] | None]
log = logging.getLogger(__name__)


class Market:
    """One feed, those who listen to it, and what is known of it."""

    def __init__(
        self,
        feed: Feed,
        tell: Callable[[Input], None],
        clock: EngineClock,
        timers: Timers,
        settle: Callable[[], Awaitable[None]],
        resume_at: Nanos = 0,
        plan: Plan | None = None,
    ) -> None:
        self._plan = plan or NoPlan()
        self._feed, self._tell, self._clock, self._timers, self._settle = feed, tell, clock, timers, settle
        self._resume_at = resume_at
        self._standing: dict[InstrumentId, Quote] = {}
        """What an earlier run has played: the newest quote of each instrument still stands."""
        self._listeners: tuple[Listener, ...] = ()
        self.name = feed.name
        self.quoted: set[InstrumentId] = set()
        self.quotes = 0
        self.last_quote_at: Nanos = 0
        self.ended = False
        self.error = ""

    def listen(self, listener: Listener) -> None:
        """Hear every quote, after the loop was told; an awaitable answer is awaited before the next quote."""
        self._listeners = (*self._listeners, listener)

    async def run(self) -> None:
        """Carry quotes until the source ends. A feed that fails is shown, and its quotes go stale."""
        try:
            async for quote in self._feed.quotes():
                if self._feed.is_recorded:
                    await self._play(quote)
                else:
                    await self._carry(quote)
            await self._finish_plan()
        except Exception as error:
            log.exception("the feed %s failed", self.name)
            self.error = repr(error)
        self.ended = True
        if isinstance(self._clock, RecordedClock):
            self._clock.run_on()

    async def _play(self, quote: Quote) -> None:
        """Come to the recorded quote's instant, then carry it."""
        if quote.source_at < self._resume_at:
            self._standing[quote.instrument_id] = quote
            return
        standing, self._standing = self._standing, {}
        for stood in standing.values():
            await self._carry(stood)
        clock = self._clock
        if isinstance(clock, RecordedClock) and clock.speed == 0:
            await self._jump(clock, quote.source_at)
            await self._carry(quote)
            await self._settle()
        else:
            await clock.sleep_until(quote.source_at)
            await self._carry(quote)

    async def _jump(self, clock: RecordedClock, at: Nanos) -> None:
        """Move the clock, stopping wherever something comes due on the way."""
        while (due := min(self._timers.next_due(marks=False), self._plan.next_due() + 1)) <= at:
            planned = self._plan.next_due()
            clock.advance_to(min(due, planned))
            self._timers.feed_due()
            await self._settle()
            if planned < due:
                await self._plan.act()
                await self._settle()
        clock.advance_to(at)
        self._timers.feed_due()

    async def _finish_plan(self) -> None:
        """Ask for what is planned for the recording's last instant, or after it."""
        clock = self._clock
        if not isinstance(clock, RecordedClock) or clock.speed != 0:
            return
        while (due := self._plan.next_due()) < NEVER:
            await self._jump(clock, due + 1)
            await self._settle()

    async def _carry(self, quote: Quote) -> None:
        self.quotes += 1
        self.quoted.add(quote.instrument_id)
        self.last_quote_at = self._clock.at()
        self._tell(QuoteReceived(quote=quote))
        for listener in self._listeners:
            answer = listener(quote)
            if isawaitable(answer):
                await answer
        if self.quotes % BREATH == 0:
            await asyncio.sleep(0)
