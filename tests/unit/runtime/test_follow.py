"""Readers of the tables see their own writes; tables that fail are tried again and say so."""

import asyncio
import threading
from collections.abc import Sequence

import pytest

from stopline.ports.desk import DeskUnavailable, Row
from stopline.runtime import follow
from stopline.runtime.follow import Follower, Heard
from tests.unit.runtime.rig import Rig, buy


class MemoryTables:
    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self.failures: list[Exception] = []
        self.gate = threading.Event()
        self.gate.set()
        self.closed = False

    def checkpoint(self) -> int:
        return self.heard[-1][0] if self.heard else 0

    def apply(self, records: Sequence[Heard]) -> None:
        assert records[0][0] == self.checkpoint() + 1
        self.gate.wait(60)
        if self.failures:
            raise self.failures.pop(0)
        self.heard += records

    def rows(self, table: str, **filters: object) -> list[Row]:
        return [{"table": table, "seq": self.checkpoint(), **filters}]

    def close(self) -> None:
        self.closed = True


def following(rig: Rig, tables: MemoryTables) -> Follower:
    follower = Follower(tables, rig.journal)
    rig.loop.publisher.subscribe_batches(follower.hear)
    follower.start()
    return follower


async def test_catches_up_then_follows_and_rows_hold_the_last_write(rig: Rig):
    tables = MemoryTables()
    follower = following(rig, tables)
    await rig.loop.ask(buy("a"))
    seq = rig.loop.durable_seq
    (row,) = await follower.rows(seq, "orders", status="working")
    assert row == {"table": "orders", "seq": tables.checkpoint(), "status": "working"}
    assert tables.checkpoint() >= seq
    await rig.settle()
    await follower.close()
    assert [heard[0] for heard in tables.heard] == list(range(1, rig.loop.durable_seq + 1))
    assert tables.closed


async def test_tables_that_fail_are_tried_again_and_nothing_is_skipped(rig: Rig, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(follow, "FIRST_RETRY_S", 0.01)
    tables = MemoryTables()
    tables.failures = [OSError("disk full"), OSError("disk full")]
    follower = following(rig, tables)
    await rig.loop.ask(buy("a"))
    assert await follower.rows(rig.loop.durable_seq, "orders")
    assert follower.failure == ""
    await follower.close()
    assert [heard[0] for heard in tables.heard] == list(range(1, rig.loop.durable_seq + 1))


async def test_tables_that_lag_are_said_to(rig: Rig, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(follow, "PATIENCE_S", 0.05)
    tables = MemoryTables()
    tables.gate.clear()
    follower = following(rig, tables)
    with pytest.raises(DeskUnavailable) as lag:
        await follower.rows(rig.loop.durable_seq, "orders")
    assert lag.value.reason == "projections_behind"
    tables.gate.set()
    await follower.close()


async def test_tables_that_stand_still_say_why(rig: Rig, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(follow, "PATIENCE_S", 0.05)
    tables = MemoryTables()
    tables.failures = [OSError("disk full")] * 100
    follower = following(rig, tables)
    while not follower.failure:
        await asyncio.sleep(0.001)
    with pytest.raises(DeskUnavailable, match="disk full"):
        await follower.rows(rig.loop.durable_seq, "orders")
    await follower.close()


async def test_who_asks_for_rows_does_not_wait_for_the_pause(rig: Rig, monkeypatch: pytest.MonkeyPatch):
    """The disk has room again: a page is there at once, and not only when the tables would have tried by themselves."""
    monkeypatch.setattr(follow, "FIRST_RETRY_S", 3600.0)
    monkeypatch.setattr(follow, "PATIENCE_S", 60.0)
    tables = MemoryTables()
    tables.failures = [OSError("disk full")]
    follower = following(rig, tables)
    while not follower.failure:
        await asyncio.sleep(0.001)
    await follower.rows(rig.loop.durable_seq, "orders")
    assert not follower.failure
    await follower.close()


async def test_a_job_whose_caller_left_does_not_stop_the_thread(rig: Rig):
    tables = MemoryTables()
    tables.gate.clear()
    follower = following(rig, tables)
    left = asyncio.ensure_future(follower.call(lambda: 1))
    await asyncio.sleep(0)
    left.cancel()
    await asyncio.sleep(0)
    tables.gate.set()
    assert await follower.call(lambda: 2) == 2
    with pytest.raises(ZeroDivisionError):
        await follower.call(lambda: 1 // 0)
    await follower.close()


async def test_records_are_gathered_while_nobody_waits_for_rows(rig: Rig, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(follow, "GATHER_S", 60)
    tables = MemoryTables()
    batches: list[int] = []
    apply = tables.apply
    tables.apply = lambda records: (batches.append(len(records)), apply(records))[1]  # type: ignore[method-assign]
    follower = following(rig, tables)
    for name in "abcde":
        await rig.loop.ask(buy(name))
        await asyncio.sleep(0.05)
    (row,) = await follower.rows(rig.loop.durable_seq, "orders")
    assert row["seq"] == rig.loop.durable_seq, "who asks is not kept waiting"
    assert len(batches) <= 2, "what was there at the start, and all the rest at once"
    await rig.loop.ask(buy("f"))
    assert await follower.call(tables.checkpoint) == rig.loop.durable_seq, "nor is a job"
    await rig.loop.ask(buy("g"))
    await follower.close()
    assert tables.checkpoint() == rig.loop.durable_seq
