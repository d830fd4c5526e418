"""The disk is looked at: told when it gets worse; after a start on the ballast no new risk until there is room."""

import asyncio
from collections.abc import Callable

import pytest

from stopline.messages import inputs as i
from stopline.runtime.watch import ON_BALLAST, DiskWatch


async def watched(watch: DiskWatch, until: Callable[[], bool]) -> None:
    task = asyncio.ensure_future(watch.run(every_s=0))
    async with asyncio.timeout(60):
        while not until():
            await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_each_step_down_is_told_once():
    seen = iter([("", ""), ("WARNING", "20"), ("WARNING", "19"), ("ERROR", "10"), ("", ""), ("WARNING", "20")])
    told: list[i.Input] = []
    watch = DiskWatch(lambda: next(seen, ("WARNING", "20")), told.append)
    await watched(watch, lambda: len(told) == 3)
    assert told == [i.DiskFilling(severity=how, message=text) for how, text in
                    (("WARNING", "20"), ("ERROR", "10"), ("WARNING", "20"))]  # fmt: skip
    assert watch.problem == "20"


async def test_a_disk_that_cannot_be_looked_at_is_told_too():
    def broken() -> tuple[str, str]:
        raise OSError("gone")

    told: list[i.Input] = []
    watch = DiskWatch(broken, told.append)
    await watched(watch, lambda: bool(told))
    assert "gone" in watch.problem


async def test_on_the_ballast_new_risk_waits_for_room():
    there = iter([False, False, True])
    told: list[i.Input] = []
    problems: list[str] = []

    def set_aside() -> bool:
        problems.append(watch.problem)
        return next(there, True)

    watch = DiskWatch(lambda: ("", ""), told.append, set_aside, is_on_ballast=True)
    await watched(watch, lambda: len(problems) >= 5)
    assert told == [i.StoreFailing(reason=ON_BALLAST), i.StoreFailing(reason=ON_BALLAST), i.StoreFailing(reason="")]
    assert watch.problem == ""


async def test_a_ballast_that_cannot_be_looked_at_is_no_end(caplog: pytest.LogCaptureFixture):
    def broken() -> bool:
        raise OSError("gone")

    watch = DiskWatch(lambda: ("", ""), lambda message: None, broken, is_on_ballast=True)
    await watched(watch, lambda: "cannot be looked at" in caplog.text)
