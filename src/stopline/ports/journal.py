"""The journal: records in sequence, each bound to the one before, durable before anything is said."""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Protocol

from msgspec import Struct

from stopline.model.ids import AccountId, ClientOrderId
from stopline.model.numbers import Nanos

GENESIS = bytes(32)
"""prev_hash of the first record."""


class Record(Struct, frozen=True, gc=False):
    """One step that said something. `body` is messages.upcast.encode_events of its events."""

    seq: int
    at: Nanos
    body: bytes
    prev_hash: bytes
    hash: bytes
    decided_ids: tuple[tuple[AccountId, ClientOrderId], ...] = ()
    """The client_order_ids decided in it; unique for ever in the journal's index."""


class Head(Struct, frozen=True, gc=False):
    """Where the journal ends. An empty journal has seq 0 and hash GENESIS."""

    seq: int
    hash: bytes
    epoch: int
    schema_version: int
    code_version: str
    config_version: str


class Snapshot(Struct, frozen=True, gc=False):
    """The durable state at `seq`, as bytes of engine.replay.encode_state, and which schema wrote it."""

    seq: int
    hash: bytes
    """The chain hash of record `seq`."""
    epoch: int
    state_schema: str
    state: bytes
    state_hash: bytes


class JournalError(Exception):
    """Base; the message says what is wrong, where, and what would be right."""


class JournalRefused(JournalError):
    """Nothing was appended (full, locked, slow): the state may be kept, the mode becomes cancel_only."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        """store_full, store_locked, store_slow or store_error."""


class JournalLost(JournalError):
    """An fsync failed: nobody knows what is on disk. The process must end, restart and verify."""


class JournalCorrupt(JournalError):
    """The chain does not hold. `seq` is the first bad record."""

    def __init__(self, seq: int, message: str) -> None:
        super().__init__(message)
        self.seq = seq


class JournalBusy(JournalError):
    """Another process owns the data directory."""


def chain_hash(prev_hash: bytes, seq: int, at: Nanos, body: bytes) -> bytes:
    """SHA-256 over prev_hash, seq and at (8 bytes, big endian) and the stored body."""
    return sha256(prev_hash + seq.to_bytes(8, "big") + at.to_bytes(8, "big", signed=True) + body).digest()


class Journal(Protocol):
    """Append-only, gapless, chained. One writer; `append` calls never overlap."""

    def head(self) -> Head:
        """Return where the journal ends (read once at open, kept up by append)."""

    async def append(self, records: Sequence[Record]) -> None:
        """Make a batch durable: all of it or none. Returns after the commit reached the disk.

        Raises JournalRefused (nothing was written) or JournalLost (nobody knows).
        """

    def read(self, after_seq: int = 0, until_seq: int | None = None) -> Iterator[Record]:
        """Yield records in order, verifying chain and gaps over the stored bytes; raises JournalCorrupt."""

    def find_decision(self, account: AccountId, client_order_id: ClientOrderId) -> int | None:
        """Return the seq of the record that decided this id, however old."""

    def latest_snapshot(self) -> Snapshot | None:
        """Return the newest snapshot that is intact, or None."""

    async def save_snapshot(self, snapshot: Snapshot) -> None:
        """Keep a snapshot (and drop all but the newest few)."""

    async def close(self) -> None:
        """Finish what is under way and let go of the data directory."""
