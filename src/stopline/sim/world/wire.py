"""The network between a process and the broker: each message is late, lost, doubled or overtaken, if it is its turn.

What is asked goes out and comes back, each way on its own. What the broker reports goes one
way, in a session that a process opened; a cut ends the session, and what was on its way to
the process is lost with it, while what was on its way to the broker still arrives.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Final

from msgspec import Struct

from stopline.model.ids import AccountId
from stopline.model.numbers import SECOND, Nanos
from stopline.ports.broker import BrokerUnreachable, RateLimited, SendOutcomeUnknown
from stopline.sim.world.chance import Chance
from stopline.sim.world.loop import VirtualLoop
from stopline.sim.world.timeline import Timeline

MILLISECOND: Final[Nanos] = SECOND // 1000
MESSAGES_A_SECOND: Final = 50
USUAL: Final[Nanos] = 20 * MILLISECOND


class Weather(Struct):
    """How the network is now. Shares are per thousand messages."""

    request_lost: int = 0
    reply_lost: int = 0
    report_lost: int = 0
    request_twice: int = 0
    report_twice: int = 0
    latest: Nanos = 200 * MILLISECOND
    """How late a message may be."""
    overtaken: bool = False
    """Whether reports overtake one another."""
    half_open: bool = False
    """Whether reports are lost while requests are answered."""
    holds: bool = False
    """Whether nothing comes back until the hold ends."""


class Session:
    """One connection of one process."""

    def __init__(self, loop: VirtualLoop, hear: Callable[[AccountId, int, Any], None]) -> None:
        self.loop, self.hear = loop, hear
        self.is_open = True
        self.lost = asyncio.Event()
        self.pending: dict[asyncio.Future[Any], None] = {}


class Wire:
    """The network of one broker."""

    def __init__(self, timeline: Timeline, chance: Chance, count: Callable[[str], None]) -> None:
        self._timeline, self._chance, self._count = timeline, chance, count
        self.weather = Weather()
        self.is_up = True
        self.session: Session | None = None
        self.tries = 0
        """How often a process tried to connect."""
        self.questions = 0
        """How many requests were sent."""
        self._held: list[Callable[[], None]] = []
        self._last_due: Nanos = 0
        self._budget, self._budget_at = MESSAGES_A_SECOND, 0
        self._spent_until: Nanos = 0
        self.numbers: dict[AccountId, int] = {}
        """Reports said so far, per account."""

    # --- sessions ------------------------------------------------------------------------------------

    def connect(self, session: Session) -> bool:
        """Open a session, in place of an older one; False while the line is down."""
        self.tries += 1
        if not self.is_up:
            return False
        if self.session is not None:
            self.session.is_open = False
        self.session = session
        return True

    def cut(self, detected_after: Nanos) -> None:
        """End the session; its process notices a while later."""
        session, self.session = self.session, None
        if session is None:
            return
        session.is_open = False
        self._run_in(session, self._timeline.now + detected_after, lambda: _lose(session))

    def down(self, detected_after: Nanos) -> None:
        """Cut, and take no new session until `up`."""
        self.is_up = False
        self.cut(detected_after)

    def up(self) -> None:
        """Take sessions again."""
        self.is_up = True

    def release(self) -> None:
        """Let everything out that was held back."""
        self.weather.holds = False
        held, self._held = self._held, []
        for deliver in held:
            deliver()

    # --- what is asked, and its answer -----------------------------------------------------------------

    def request(self, session: Session, ask: Callable[[], Any], *, is_costly: bool = True) -> "asyncio.Future[Any]":
        """Send a question; its answer is the future's. Raises BrokerUnreachable and RateLimited."""
        if not session.is_open or not self.is_up:
            raise BrokerUnreachable("simulated: there is no line")
        if is_costly and not self._take_budget():
            self._count("F27 message budget spent")
            raise RateLimited(f"simulated: {MESSAGES_A_SECOND} messages a second")
        self.questions += 1
        answer = session.loop.create_future()
        session.pending[answer] = None
        answer.add_done_callback(lambda done: session.pending.pop(done, None))
        if self._falls(self.weather.request_lost, "F21 request lost"):
            return answer
        copies = 2 if self._falls(self.weather.request_twice, "F22 request twice") else 1
        for _ in range(copies):
            self._timeline.call_after(self._delay(), lambda: self._arrive(session, ask, answer))
        return answer

    def _arrive(self, session: Session, ask: Callable[[], Any], answer: "asyncio.Future[Any]") -> None:
        told = ask()
        if self._falls(self.weather.reply_lost, "F21 reply lost"):
            return

        def deliver() -> None:
            self._run_in(session, self._timeline.now + self._delay(), lambda: _answer(session, answer, told))

        if self.weather.holds:
            self._held.append(deliver)
        else:
            deliver()

    def spend_budget_until(self, until: Nanos) -> None:
        """Let somebody else spend most of the messages."""
        self._spent_until = until

    def _take_budget(self) -> bool:
        second = self._timeline.now // SECOND
        if second != self._budget_at:
            is_spent = self._timeline.now < self._spent_until
            self._budget, self._budget_at = 1 if is_spent else MESSAGES_A_SECOND, second
        self._budget -= 1
        return self._budget >= 0

    # --- what is reported ------------------------------------------------------------------------------

    def report(self, account: AccountId, message: Any) -> None:
        """Send a report to whoever is connected."""
        number = self.numbers[account] = self.numbers.get(account, 0) + 1
        session = self.session
        if session is None or self._falls(1000 * self.weather.half_open, "F20 report lost on a half-open line"):
            return
        if self._falls(self.weather.report_lost, "F22 report lost"):
            return
        copies = 2 if self._falls(self.weather.report_twice, "F22 report twice") else 1
        for _ in range(copies):
            self._send_report(session, account, number, message)

    def _send_report(self, session: Session, account: AccountId, number: int, message: Any) -> None:
        def deliver() -> None:
            due = self._timeline.now + self._delay()
            if self.weather.overtaken:
                if due < self._last_due:
                    self._count("F22 report overtaken")
            else:
                due = max(due, self._last_due)
            self._last_due = max(due, self._last_due)
            self._run_in(session, due, lambda: _hear(session, account, number, message))

        if self.weather.holds:
            self._count("F21 report held back")
            self._held.append(deliver)
        else:
            deliver()

    # --- inside ----------------------------------------------------------------------------------------

    def _delay(self) -> Nanos:
        return self._chance.long_tail(USUAL, self.weather.latest)

    def _falls(self, share: int, what: str) -> bool:
        falls = self._chance.per_mille(share)
        if falls:
            self._count(what)
        return falls

    def _run_in(self, session: Session, due: Nanos, callback: Callable[[], None]) -> None:
        self._timeline.at(due, asyncio.Handle(callback, (), session.loop), session.loop)


def _lose(session: Session) -> None:
    session.lost.set()
    for answer in list(session.pending):
        if not answer.done():
            answer.set_exception(SendOutcomeUnknown("simulated: the line was cut"))


def _answer(session: Session, answer: "asyncio.Future[Any]", told: Any) -> None:
    if session.is_open and not answer.done():
        answer.set_result(told)


def _hear(session: Session, account: AccountId, number: int, message: Any) -> None:
    if session.is_open:
        session.hear(account, number, message)
