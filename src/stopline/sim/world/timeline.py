"""What happens next: all callbacks of all processes and of the world, in one order.

Time stands still while something runs and jumps to what is due next. What is due at the
same instant runs in the order in which it was asked for, so a run has one order only.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from heapq import heappop, heappush
from typing import Protocol

from stopline.model.numbers import Nanos


class Owner(Protocol):
    """Whose callback it is: a process's event loop."""

    is_dead: bool
    stopped_until: Nanos


class Runnable(Protocol):
    """What asyncio calls a handle."""

    def _run(self) -> None: ...

    def cancelled(self) -> bool:
        """Return whether it was called off."""


class Call:
    """A callback of the world itself."""

    __slots__ = ("_callback", "_is_off")

    def __init__(self, callback: Callable[[], None]) -> None:
        self._callback, self._is_off = callback, False

    def cancel(self) -> None:
        """Do not call it."""
        self._is_off = True

    def cancelled(self) -> bool:
        """Return whether it was called off."""
        return self._is_off

    def _run(self) -> None:
        self._callback()


class Timeline:
    """The queue of everything, and the time."""

    def __init__(self, begins_at: Nanos) -> None:
        self.now = begins_at
        self.steps = 0
        """Callbacks that have run."""
        self._ready: deque[tuple[Runnable, Owner | None]] = deque()
        self._later: list[tuple[Nanos, int, Runnable, Owner | None]] = []
        self._count = 0

    def soon(self, handle: Runnable, owner: Owner | None) -> None:
        """Run it at this instant, behind what is to run already."""
        self._ready.append((handle, owner))

    def at(self, due: Nanos, handle: Runnable, owner: Owner | None) -> None:
        """Run it when its time has come."""
        self._count += 1
        heappush(self._later, (max(due, self.now), self._count, handle, owner))

    def call_at(self, due: Nanos, callback: Callable[[], None]) -> Call:
        """Let the world do something at an instant."""
        call = Call(callback)
        self.at(due, call, None)
        return call

    def call_after(self, span: Nanos, callback: Callable[[], None]) -> Call:
        """Let the world do something after a time."""
        return self.call_at(self.now + span, callback)

    def step(self, until: Nanos) -> bool:
        """Run the next callback; False once nothing is due by `until`."""
        taken = self._take(until)
        if taken is None:
            return False
        handle, owner = taken
        if owner is not None:
            if owner.is_dead:
                return True
            if owner.stopped_until > self.now:
                self.at(owner.stopped_until, handle, owner)
                return True
        if not handle.cancelled():
            self.steps += 1
            asyncio._set_running_loop(owner)  # type: ignore[arg-type]  # the owner is its event loop
            try:
                handle._run()
            finally:
                asyncio._set_running_loop(None)
        return True

    def _take(self, until: Nanos) -> tuple[Runnable, Owner | None] | None:
        if self._ready:
            return self._ready.popleft()
        if not self._later or self._later[0][0] > until:
            self.now = max(self.now, until)
            return None
        self.now, _, handle, owner = heappop(self._later)
        return handle, owner
