"""The simulator's time: the wall's, and as much further as somebody has moved it."""

import asyncio
from typing import Final

from stopline.model.numbers import SECOND, Nanos
from stopline.ports.clock import EngineClock

LONGEST_NAP_S: Final = 1.0


class SteerableClock:
    """Another clock, which can be moved forward by hand. It never goes back."""

    def __init__(self, clock: EngineClock) -> None:
        self.name = clock.name
        self._clock = clock
        self._ahead: Nanos = 0
        self._moved = asyncio.Event()

    def at(self) -> Nanos:
        """Return the time now."""
        return self._clock.at() + self._ahead

    def advance(self, by: Nanos) -> None:
        """Move forward."""
        self._ahead += by
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    async def sleep_until(self, due: Nanos) -> None:
        """Return when it is `due`, by itself or by hand."""
        while (left := due - self.at()) > 0:
            moved = self._moved
            try:
                async with asyncio.timeout(min(left / SECOND, LONGEST_NAP_S)):
                    await moved.wait()
            except TimeoutError:
                continue
