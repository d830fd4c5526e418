"""The event loop of a simulated process: asyncio as production code uses it, in virtual time."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from stopline.model.numbers import SECOND
from stopline.sim.world.loop import VirtualLoop
from stopline.sim.world.timeline import Timeline

START = 1_000 * SECOND


class Bench:
    """One loop on one timeline; `said` is what was said, with the seconds since the start."""

    def __init__(self) -> None:
        self.timeline = Timeline(START)
        self.faults: list[BaseException] = []
        self.loop = VirtualLoop(self.timeline, self.faults.append)
        self.said: list[tuple[float, str]] = []

    def say(self, text: str) -> None:
        self.said.append(((self.timeline.now - START) / SECOND, text))

    def run(self, work: Callable[[], Coroutine[Any, Any, None]], seconds: int = 10) -> None:
        self.loop.call_soon(lambda: self.loop.create_task(work()))
        self.go_on(seconds)

    def go_on(self, seconds: int) -> None:
        until = self.timeline.now + seconds * SECOND
        while self.timeline.step(until):
            pass


def test_sleeps_take_virtual_time_and_none_of_ours():
    bench = Bench()

    async def work() -> None:
        bench.say("begins")
        await asyncio.sleep(3600)
        bench.say("ends")

    bench.run(work, 7200)
    assert bench.said == [(0.0, "begins"), (3600.0, "ends")]


def test_timeouts_waits_and_executors_work_as_they_do():
    bench = Bench()

    async def work() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(2):
                await asyncio.Event().wait()
        bench.say("timed out")
        assert await asyncio.to_thread(lambda: 42) == 42
        done, waiting = await asyncio.wait(
            [asyncio.ensure_future(asyncio.sleep(1)), asyncio.ensure_future(asyncio.sleep(3))], timeout=2
        )
        bench.say(f"{len(done)} of {len(done) + len(waiting)}")
        for each in waiting:
            each.cancel()

    bench.run(work)
    assert [text for _, text in bench.said] == ["timed out", "1 of 2"]
    assert bench.said[0][0] == 2.0


def test_what_raises_in_a_callback_is_reported():
    bench = Bench()
    bench.loop.call_soon(lambda: 1 // 0)
    bench.go_on(1)
    assert [type(fault) for fault in bench.faults] == [ZeroDivisionError]


def test_a_killed_loop_never_runs_again():
    bench = Bench()

    async def work() -> None:
        try:
            await asyncio.sleep(5)
            bench.say("never")
        finally:
            asyncio.get_running_loop().call_soon(lambda: bench.say("never either"))

    bench.run(work, 1)
    bench.loop.kill()
    bench.go_on(10)
    assert bench.said == []


def test_a_stopped_loop_goes_on_where_it_was():
    bench = Bench()

    async def work() -> None:
        await asyncio.sleep(2)
        bench.say("goes on")

    bench.run(work, 1)
    bench.loop.stopped_until = bench.timeline.now + 60 * SECOND
    bench.go_on(100)
    assert bench.said == [(61.0, "goes on")]


def test_what_no_simulation_may_reach_is_refused():
    bench = Bench()
    with pytest.raises(NotImplementedError):
        bench.loop.add_signal_handler(2, print)
