"""Outbound lanes of one broker: closes of flatten and kill first, then cancels, other exits, entries, questions.

A few workers take from the lanes, so that one slow answer does not hold a cancel. What
concerns one order goes out one after the other. A cancel that meets its own order still
waiting here takes it out: what never left needs no broker to be cancelled.

Source     semantics.md section 7 (outbound priority); reliability.md F27, I23, N9.
"""

import asyncio
from asyncio import Future
from collections import deque
from collections.abc import Awaitable, Callable
from enum import IntEnum

from stopline.messages.effects import CancelAtBroker, PlaceOrder, QueryOrder, Reconcile, ReplaceAtBroker

Outbound = PlaceOrder | CancelAtBroker | ReplaceAtBroker | QueryOrder | Reconcile
"""What goes to a broker: every effect but Notify."""


class Lane(IntEnum):
    """Lower goes first."""

    CLOSE = 0
    CANCEL = 1
    EXIT = 2
    ENTRY = 3
    QUESTION = 4


def lane_of(effect: Outbound) -> Lane:
    """Return the lane of what goes to a broker."""
    if isinstance(effect, PlaceOrder):
        if effect.order.request.closes_position:
            return Lane.CLOSE
        return Lane.EXIT if effect.order.reducing else Lane.ENTRY
    if isinstance(effect, CancelAtBroker):
        return Lane.CANCEL
    return Lane.ENTRY if isinstance(effect, ReplaceAtBroker) else Lane.QUESTION


def subject_of(effect: Outbound) -> str:
    """Return what an effect is about: only one effect on the same subject is under way at a time."""
    if isinstance(effect, PlaceOrder):
        return effect.order.routed_order_id
    if isinstance(effect, Reconcile):
        return f"account {effect.account}"
    return effect.routed_order_id


class Lanes:
    """Work for one broker, and the workers who carry it out."""

    def __init__(
        self,
        carry_out: Callable[[Outbound], Awaitable[None]],
        on_withdrawn: Callable[[PlaceOrder], None],
        workers: int,
    ) -> None:
        self._carry_out, self._on_withdrawn = carry_out, on_withdrawn
        self._lanes: tuple[deque[Outbound], ...] = tuple(deque() for _ in Lane)
        self._unsent: dict[str, PlaceOrder] = {}
        """Orders in the lanes, by their id."""
        self._underway: dict[str, deque[Outbound]] = {}
        """By subject: what waits for the effect under way."""
        self._put_off: dict[str, tuple[PlaceOrder | CancelAtBroker, asyncio.TimerHandle]] = {}
        self._idle: list[Future[None]] = []
        self._workers = workers
        self._tasks: list[asyncio.Task[None]] = []
        self._is_closed = False

    def __len__(self) -> int:
        return (
            len(self._put_off)
            + sum(map(len, self._lanes))
            + sum(1 + len(waiting) for waiting in self._underway.values())
        )

    def add(self, effect: Outbound) -> None:
        """Queue one effect; after `close` nothing goes out any more."""
        if self._is_closed:
            return
        subject = subject_of(effect)
        waiting = self._underway.get(subject)
        if waiting is not None:
            waiting.append(effect)
            return
        if isinstance(effect, PlaceOrder):
            self._unsent[subject] = effect
        elif isinstance(effect, CancelAtBroker) and self._withdraw(subject):
            return
        elif isinstance(effect, CancelAtBroker) and (unsent := self._unsent.pop(subject, None)) is not None:
            self._lanes[lane_of(unsent)].remove(unsent)
            self._on_withdrawn(unsent)
            return
        self._lanes[lane_of(effect)].append(effect)
        self._wake()

    def _withdraw(self, subject: str) -> bool:
        """Stop what waits outside the lanes; return whether that was an order, which need not be cancelled then."""
        effect, handle = self._put_off.pop(subject, (None, None))
        if handle is not None:
            handle.cancel()
        if not isinstance(effect, PlaceOrder):
            return False
        self._on_withdrawn(effect)
        return True

    def put_off(self, effect: PlaceOrder | CancelAtBroker, delay_s: float) -> None:
        """Let what did not go wait outside the lanes, where it holds up nobody, and go again then."""
        if not self._is_closed:
            subject = subject_of(effect)
            handle = asyncio.get_running_loop().call_later(delay_s, self._again, subject)
            self._put_off[subject] = (effect, handle)

    def _again(self, subject: str) -> None:
        self.add(self._put_off.pop(subject)[0])

    def _wake(self) -> None:
        if self._idle:
            self._idle.pop().set_result(None)
        elif len(self._tasks) < self._workers:
            self._tasks.append(asyncio.get_running_loop().create_task(self._work()))

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            effect = self._take()
            if effect is None:
                waiter = loop.create_future()
                self._idle.append(waiter)
                await waiter
                continue
            subject = subject_of(effect)
            self._unsent.pop(subject, None)
            self._underway[subject] = deque()
            try:
                await self._carry_out(effect)
            finally:
                for waiting in self._underway.pop(subject):
                    self.add(waiting)

    def _take(self) -> Outbound | None:
        """Return the first effect that may go now; what must wait for another is set aside."""
        for lane in self._lanes:
            while lane:
                effect = lane.popleft()
                waiting = self._underway.get(subject_of(effect))
                if waiting is None:
                    return effect
                waiting.append(effect)
        return None

    async def close(self) -> None:
        """Stop the workers; what they were about stays unproven until it is asked after."""
        self._is_closed = True
        for _, handle in self._put_off.values():
            handle.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
