"""A coroutine begun by hand goes on as if it had been awaited."""

import asyncio

import pytest

from stopline.doors.native.web import at_once_or_within


async def test_what_is_there_needs_no_timer(monkeypatch):
    monkeypatch.setattr(asyncio, "timeout", None)

    async def at_once() -> int:
        return 7

    assert await at_once_or_within(0, at_once()) == 7


async def test_what_waits_is_waited_for():
    async def later() -> int:
        await asyncio.sleep(0)
        await asyncio.sleep(0.001)
        return await asyncio.get_running_loop().run_in_executor(None, lambda: 7)

    assert await at_once_or_within(5, later()) == 7


async def test_faults_come_through_at_once_and_later():
    async def fail(after: int) -> None:
        for _ in range(after):
            await asyncio.sleep(0)
        raise ZeroDivisionError

    for after in (0, 1, 2):
        with pytest.raises(ZeroDivisionError):
            await at_once_or_within(5, fail(after))


async def test_what_takes_too_long_is_cancelled_and_may_clean_up():
    seen = []

    async def slow() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0)
            seen.append("cleaned up")

    with pytest.raises(TimeoutError):
        await at_once_or_within(0.01, slow())
    assert seen == ["cleaned up"]


async def test_a_cancel_from_outside_is_a_cancel():
    async def slow() -> None:
        await asyncio.sleep(60)

    task = asyncio.create_task(at_once_or_within(60, slow()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
