"""A plan: what somebody means to ask for, each at its instant of engine time.

A recording is played with it (`stopline paper --orders`): as fast as it goes, the clock stops at each
instant of the plan as it does at timers, after every quote up to it; at other speeds it acts as time goes by.
"""

import asyncio
from typing import Protocol

from stopline.model.numbers import Nanos
from stopline.ports.clock import EngineClock
from stopline.runtime.timers import NEVER


class Plan(Protocol):
    """What is to be asked for, in order of time."""

    def next_due(self) -> Nanos:
        """Return the instant of what comes next; NEVER when nothing does."""

    async def act(self) -> None:
        """Ask for what comes next, and return once it is decided."""


class NoPlan:
    """Nobody means to ask for anything."""

    def next_due(self) -> Nanos:
        """Return NEVER."""
        return NEVER

    async def act(self) -> None:
        """Ask for nothing."""


async def follow(plan: Plan, clock: EngineClock) -> None:
    """Act as time goes by, until nothing more is planned."""
    while (due := plan.next_due()) < NEVER:
        await clock.sleep_until(due)
        await plan.act()
        await asyncio.sleep(0)
