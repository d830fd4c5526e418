"""The journal and the spool of one process, on a disk that outlives it."""

import asyncio
from collections.abc import Iterator, Sequence
from itertools import islice

from stopline.model.ids import AccountId, ClientOrderId
from stopline.model.numbers import SECOND
from stopline.ports.journal import (
    GENESIS,
    Head,
    Journal,
    JournalCorrupt,
    JournalLost,
    Record,
    Snapshot,
    chain_hash,
)
from stopline.ports.spool import Spool, SpoolRefused
from stopline.sim.world.disk import KEPT, SPOOL_ROOM, Batch, Disk, Ill


class DiskJournal(Journal):
    """The journal's port. A process that died holds a dead one: it cannot write any more."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk

    def head(self) -> Head:
        """Return where the journal ends."""
        return self._disk.head

    async def append(self, records: Sequence[Record]) -> None:
        """Write, sync, and return."""
        disk = self._disk
        if not records:
            return
        if (refusal := disk.refusal()) is not None:
            raise refusal
        disk.follow(list(records))
        batch = disk.under_way = Batch(list(records))
        await asyncio.sleep(disk.latency() / SECOND)
        batch.is_written = True
        await asyncio.sleep(disk.latency() / SECOND)
        if disk.ills.pop(Ill.SYNC, None) is not None:
            disk.under_way = None
            raise JournalLost("simulated: the sync failed")
        disk.sync(batch.records)
        await asyncio.sleep(0)

    def read(self, after_seq: int = 0, until_seq: int | None = None) -> Iterator[Record]:
        """Yield records, verified."""
        disk = self._disk
        last = disk.head.seq if until_seq is None else min(until_seq, disk.head.seq)
        previous = disk.records[after_seq - 1].hash if after_seq else GENESIS
        for record in islice(disk.records, after_seq, last):
            expected = chain_hash(previous, record.seq, record.at, record.body)
            if record.prev_hash != previous or record.hash != expected:
                raise JournalCorrupt(record.seq, f"record {record.seq} does not hold")
            yield record
            previous = record.hash

    def find_decision(self, account: AccountId, client_order_id: ClientOrderId) -> int | None:
        """Return the seq of the record that decided this id."""
        return self._disk.decided.get((account, client_order_id))

    def latest_snapshot(self) -> Snapshot | None:
        """Return the newest snapshot."""
        return self._disk.snapshots[-1] if self._disk.snapshots else None

    async def save_snapshot(self, snapshot: Snapshot) -> None:
        """Keep a snapshot, whole or not at all."""
        disk = self._disk
        await asyncio.sleep(disk.latency() / SECOND)
        kept = [each for each in disk.snapshots if each.seq != snapshot.seq]
        disk.snapshots = sorted([*kept, snapshot], key=lambda each: each.seq)[-KEPT:]

    async def close(self) -> None:
        """Let go."""


class DiskSpool(Spool):
    """The spool's port."""

    torn = False

    def __init__(self, disk: Disk) -> None:
        self._disk = disk

    def records(self) -> tuple[Record, ...]:
        """Return what it holds."""
        return tuple(self._disk.spool)

    async def append(self, records: Sequence[Record]) -> None:
        """Write and sync. It lies on another disk, which may be full too."""
        if not records:
            return
        await asyncio.sleep(0.001)
        if self._disk.spool_is_full or len(self._disk.spool) + len(records) > SPOOL_ROOM:
            raise SpoolRefused("simulated: the spool is full")
        self._disk.sync_spool(list(records))
        await asyncio.sleep(0)

    async def clear(self) -> None:
        """Forget all it holds."""
        await asyncio.sleep(0.001)
        self._disk.spool = []

    async def close(self) -> None:
        """Let go."""
