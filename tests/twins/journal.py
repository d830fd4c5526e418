"""The journal in memory: the same promises (tests/contract/test_journal.py), no disk, and failures on demand."""

from collections.abc import Iterator, Sequence
from itertools import islice

from msgspec import structs

from stopline.messages.events import SCHEMA_VERSION, EngineStarted
from stopline.messages.upcast import decode_events
from stopline.model.ids import AccountId, ClientOrderId
from stopline.ports.journal import (
    GENESIS,
    Head,
    Journal,
    JournalCorrupt,
    JournalError,
    JournalRefused,
    Record,
    Snapshot,
    chain_hash,
)

KEPT = 3


class MemoryJournal(Journal):
    """Keeps everything in lists. `refusals` are raised by the next appends, one each, and nothing is written."""

    def __init__(self, refusals: Sequence[JournalError] = ()) -> None:
        self.records: list[Record] = []
        self.decided: dict[tuple[AccountId, ClientOrderId], int] = {}
        self.snapshots: list[Snapshot] = []
        self.refusals = list(refusals)
        self.is_closed = False
        self._head = Head(0, GENESIS, 0, SCHEMA_VERSION, "", "")

    def head(self) -> Head:
        return self._head

    async def append(self, records: Sequence[Record]) -> None:
        if self.is_closed:
            raise JournalError("the journal is closed")
        if records and self.refusals:
            raise self.refusals.pop(0)
        head, decided = self._head, {}
        for record in records:
            head = self._follow(head, record)
            for key in record.decided_ids:
                if key in self.decided or key in decided:
                    raise _refused(f"{key[1]} of {key[0]} was decided before")
                decided[key] = record.seq
        self.records += [structs.replace(record, decided_ids=()) for record in records]
        self.decided |= decided
        self._head = head

    def _follow(self, head: Head, record: Record) -> Head:
        if record.seq != head.seq + 1:
            raise _refused(f"record {record.seq} cannot follow record {head.seq}")
        if record.prev_hash != head.hash:
            raise _refused(f"record {record.seq} is not bound to the one before it")
        if record.hash != chain_hash(record.prev_hash, record.seq, record.at, record.body):
            raise _refused(f"record {record.seq} does not hash to what it says")
        for event in decode_events(record.body) if b"EngineStarted" in record.body else ():
            if isinstance(event, EngineStarted):
                if event.epoch <= head.epoch:
                    raise _refused(f"epoch {event.epoch} cannot follow epoch {head.epoch}")
                head = Head(0, b"", event.epoch, event.schema_version, event.code_version, event.config_version)
        return structs.replace(head, seq=record.seq, hash=record.hash)

    def read(self, after_seq: int = 0, until_seq: int | None = None) -> Iterator[Record]:
        last = self._head.seq if until_seq is None else min(until_seq, self._head.seq)
        previous = self.records[after_seq - 1].hash if after_seq else GENESIS
        for record in islice(self.records, after_seq, last):
            expected = chain_hash(previous, record.seq, record.at, record.body)
            if record.prev_hash != previous or record.hash != expected:
                raise JournalCorrupt(record.seq, f"record {record.seq} does not hold")
            yield record
            previous = record.hash

    def find_decision(self, account: AccountId, client_order_id: ClientOrderId) -> int | None:
        return self.decided.get((account, client_order_id))

    def latest_snapshot(self) -> Snapshot | None:
        return self.snapshots[-1] if self.snapshots else None

    async def save_snapshot(self, snapshot: Snapshot) -> None:
        seq = snapshot.seq
        if not 0 < seq <= self._head.seq or self.records[seq - 1].hash != snapshot.hash:
            raise _refused(f"snapshot {seq} is of another journal, or not durable")
        kept = [each for each in self.snapshots if each.seq != seq]
        self.snapshots = sorted([*kept, snapshot], key=lambda each: each.seq)[-KEPT:]

    async def close(self) -> None:
        self.is_closed = True


def _refused(message: str) -> JournalRefused:
    return JournalRefused("store_error", f"{message}. Nothing was written")
