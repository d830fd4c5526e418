"""Acting when the time has come, and only then."""

import asyncio

from stopline.model.numbers import Nanos
from stopline.runtime.plan import NoPlan, follow
from stopline.runtime.timers import NEVER


class Clock:
    name = "told"

    def __init__(self) -> None:
        self.slept: list[Nanos] = []

    def at(self) -> Nanos:
        return self.slept[-1] if self.slept else 0

    async def sleep_until(self, due: Nanos) -> None:
        self.slept.append(due)


class Planned:
    def __init__(self, *instants: Nanos) -> None:
        self.left = list(instants)
        self.acted: list[Nanos] = []

    def next_due(self) -> Nanos:
        return self.left[0] if self.left else NEVER

    async def act(self) -> None:
        self.acted.append(self.left.pop(0))


async def test_acts_at_each_instant_and_ends():
    clock, plan = Clock(), Planned(5, 5, 9)
    async with asyncio.timeout(60):
        await follow(plan, clock)
    assert clock.slept == plan.acted == [5, 5, 9]


async def test_without_a_plan_nothing_is_due():
    clock, plan = Clock(), NoPlan()
    assert plan.next_due() == NEVER
    await plan.act()
    await follow(plan, clock)
    assert clock.slept == []
