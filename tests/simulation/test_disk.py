"""The simulated disk is honest: what was not synced is gone when the power is, and what was is not."""

import asyncio

import pytest

from stopline.messages.upcast import encode_events
from stopline.model.numbers import SECOND
from stopline.ports.journal import GENESIS, JournalLost, JournalRefused, Record, chain_hash
from stopline.sim.world.chance import Chance
from stopline.sim.world.disk import Disk, Ill
from stopline.sim.world.loop import VirtualLoop
from stopline.sim.world.store import DiskJournal
from stopline.sim.world.timeline import Timeline

BODY = encode_events(())


def chain(count: int) -> list[Record]:
    records: list[Record] = []
    for seq in range(1, count + 1):
        prev = records[-1].hash if records else GENESIS
        records.append(Record(seq, seq, BODY, prev, chain_hash(prev, seq, seq, BODY)))
    return records


class Bench:
    def __init__(self, seed: int = 1) -> None:
        self.durable: list[int] = []
        self.disk = Disk(Chance(seed), lambda record, events: self.durable.append(record.seq))
        self.timeline = Timeline(0)
        self.loop = VirtualLoop(self.timeline, lambda error: None)
        self.outcome = ""

    def append(self, records: list[Record], steps: int = 1_000) -> None:
        async def work() -> None:
            try:
                await DiskJournal(self.disk).append(records)
                self.outcome = "told"
            except (JournalRefused, JournalLost) as error:
                self.outcome = type(error).__name__

        self.loop.call_soon(lambda: asyncio.Task(work(), loop=self.loop))
        self.go_on(steps)

    def go_on(self, steps: int) -> None:
        until = self.timeline.now + 10 * SECOND
        for _ in range(steps):
            if not self.timeline.step(until):
                return


def test_what_was_told_is_synced():
    bench = Bench()
    bench.append(chain(3))
    assert (bench.outcome, bench.durable, bench.disk.head.seq) == ("told", [1, 2, 3], 3)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("steps", range(1, 7))
@pytest.mark.parametrize("power_is_cut", [False, True])
def test_wherever_a_process_dies_a_batch_is_there_whole_or_not_at_all(seed: int, steps: int, power_is_cut: bool):
    bench = Bench(seed)
    bench.append(chain(3), steps)
    was_synced = bench.disk.head.seq == 3
    bench.loop.kill()
    bench.disk.end_process(power_is_cut=power_is_cut)
    assert bench.disk.head.seq in (0, 3)
    assert [record.seq for record in bench.disk.records] == bench.durable
    assert bench.outcome != "told" or was_synced
    if power_is_cut:
        assert (bench.disk.head.seq == 3) is was_synced


def test_a_kill_keeps_what_was_written_now_and_then():
    fates = set()
    for seed in range(20):
        bench = Bench(seed)
        bench.append(chain(1), 1)
        for _ in range(20):
            bench.go_on(1)
            if bench.disk.under_way is not None and bench.disk.under_way.is_written:
                break
        bench.loop.kill()
        fates.add(bench.disk.end_process(power_is_cut=False))
    assert fates == {"lost", "kept"}


def test_a_full_disk_refuses_and_a_failing_sync_is_lost():
    bench = Bench()
    bench.disk.ills[Ill.FULL] = 1
    bench.append(chain(1))
    assert (bench.outcome, bench.durable) == ("JournalRefused", [])
    bench.disk.ills = {Ill.SYNC: 1}
    bench.append(chain(1))
    assert (bench.outcome, bench.durable) == ("JournalLost", [])


def test_a_gap_is_refused():
    bench = Bench()
    bench.append(chain(3)[1:])
    assert bench.outcome == "JournalRefused"
