"""The disk: what is written, what is synced, and what is left when a process or the power ends.

A batch is first written and then synced; the process hears of it after that. Who dies in
between does not know which: after SIGKILL the batch may be there or not, after a power cut
only what was synced is. `on_durable` hears every record at the instant of its sync.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Final

from msgspec import Struct, structs

from stopline.messages.events import SCHEMA_VERSION, EngineStarted, Event
from stopline.messages.upcast import decode_events
from stopline.model.ids import AccountId, ClientOrderId
from stopline.model.numbers import SECOND, Nanos
from stopline.ports.journal import GENESIS, Head, JournalRefused, Record, Snapshot, chain_hash
from stopline.sim.world.chance import Chance

KEPT: Final = 3
SPOOL_ROOM: Final = 400
"""Records that the spool takes."""
MILLISECOND: Final[Nanos] = SECOND // 1000
OnDurable = Callable[[Record, tuple[Event, ...]], None]


class Ill(StrEnum):
    """What is wrong with the disk."""

    FULL = "store_full"
    LOCKED = "store_locked"
    SLOW = "store_slow"
    SYNC = "sync"
    """The next sync fails: nobody knows what is on the disk."""


class Batch(Struct):
    """Records on their way to the disk."""

    records: list[Record]
    is_written: bool = False


class Disk:
    """What outlives every process."""

    def __init__(self, chance: Chance, on_durable: OnDurable) -> None:
        self._chance, self._on_durable = chance, on_durable
        self.records: list[Record] = []
        self.spool: list[Record] = []
        self.snapshots: list[Snapshot] = []
        self.decided: dict[tuple[AccountId, ClientOrderId], int] = {}
        self.head = Head(0, GENESIS, 0, SCHEMA_VERSION, "", "")
        self.ills: dict[Ill, int] = {}
        """What is wrong, and how often it began."""
        self.spool_is_full = False
        self.under_way: Batch | None = None
        self._spooled_seq = 0

    def latency(self) -> Nanos:
        """Return how long the next write takes."""
        if Ill.SLOW in self.ills:
            return self._chance.between(400 * MILLISECOND, 4 * SECOND)
        return self._chance.long_tail(MILLISECOND, 40 * MILLISECOND)

    def refusal(self) -> JournalRefused | None:
        """Return why it takes nothing now."""
        for ill in (Ill.FULL, Ill.LOCKED):
            if ill in self.ills:
                return JournalRefused(ill.value, f"simulated: {ill}")
        return None

    def follow(self, records: list[Record]) -> Head:
        """Return the head after records; raises JournalRefused where they do not continue the chain."""
        head, decided = self.head, set[tuple[AccountId, ClientOrderId]]()
        for record in records:
            expected = chain_hash(head.hash, record.seq, record.at, record.body)
            if (record.seq, record.prev_hash, record.hash) != (head.seq + 1, head.hash, expected):
                raise JournalRefused("store_error", f"record {record.seq} does not continue the chain")
            for key in record.decided_ids:
                if key in self.decided or key in decided:
                    raise JournalRefused("store_error", f"{key[1]} of {key[0]} was decided before")
                decided.add(key)
            head = _head_after(head, record)
        return head

    def sync(self, records: list[Record]) -> None:
        """Have records durable."""
        self.head = self.follow(records)
        for record in records:
            self.records.append(structs.replace(record, decided_ids=()))
            for key in record.decided_ids:
                self.decided[key] = record.seq
            if record.seq > self._spooled_seq:
                self._on_durable(record, decode_events(record.body))
        self.under_way = None

    def sync_spool(self, records: list[Record]) -> None:
        """Have records durable in the spool."""
        self.spool += records
        for record in records:
            self._spooled_seq = max(self._spooled_seq, record.seq)
            self._on_durable(record, decode_events(record.body))

    def end_process(self, *, power_is_cut: bool) -> str:
        """Say what becomes of a batch under way; return how to call it."""
        batch, self.under_way = self.under_way, None
        self.ills.pop(Ill.SYNC, None)
        if batch is None:
            return "idle"
        if power_is_cut or not batch.is_written or self._chance.below(2):
            return "lost"
        self.sync(batch.records)
        return "kept"


def _head_after(head: Head, record: Record) -> Head:
    for event in decode_events(record.body) if b"EngineStarted" in record.body else ():
        if isinstance(event, EngineStarted):
            if event.epoch <= head.epoch:
                raise JournalRefused("store_error", f"epoch {event.epoch} cannot follow epoch {head.epoch}")
            head = Head(0, b"", event.epoch, event.schema_version, event.code_version, event.config_version)
    return structs.replace(head, seq=record.seq, hash=record.hash)
