"""Reading the journal: in order, in big fetches, with the chain verified over the stored bytes.

Each fetch is a short read transaction of its own, so that a slow reader never keeps the WAL
from starting over.
"""

import struct
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Final

import apsw
import msgspec
from msgspec import structs

from stopline.messages.events import SCHEMA_VERSION, EngineStarted, Event
from stopline.messages.upcast import UnknownSchema, decode_events
from stopline.model.ids import AccountId, ClientOrderId
from stopline.ports.journal import GENESIS, Head, JournalCorrupt, JournalError, Record
from stopline.stores.sqlite.connect import open_reader
from stopline.stores.sqlite.failures import is_damage

APPLICATION_ID: Final = 0x53744C6E
"""`StLn`, in the file's header: another program's database is not opened by mistake."""

EMPTY: Final = Head(0, GENESIS, 0, SCHEMA_VERSION, "", "")

FETCH: Final = 1_024
"""Records per fetch."""

UNREADABLE: Final = (apsw.Error, TypeError, ValueError, OverflowError, MemoryError, struct.error)
"""What a damaged row can raise: a column of another type, text that is none, a length beyond memory."""

_SELECT: Final = "SELECT seq, at, body, hash FROM records WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?"
_LAST: Final = "SELECT seq, hash FROM records ORDER BY seq DESC LIMIT 1"
_START: Final = "SELECT epoch, schema_version, code_version, config_version FROM epochs ORDER BY epoch DESC LIMIT 1"
CHAINED: Final = struct.Struct(">Qq").pack
"""seq and at as ports.journal.chain_hash binds them."""
_FOREVER: Final = 2**63 - 1

Row = tuple[int, int, bytes, bytes]


class ChainReader:
    """A read-only connection to a journal, for any thread."""

    def __init__(self, path: Path) -> None:
        """Open the journal; raises JournalCorrupt where the file is none."""
        self._path = path
        self._lock = Lock()
        self._schemas: list[tuple[int, int]] | None = None
        try:
            self._connection = open_reader(path)
        except UNREADABLE as error:
            raise unreadable(error, path, 1) from error

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._connection.close()

    def head(self) -> Head:
        """Return where the journal ends now."""
        try:
            with self._lock:
                return read_head(self._connection)
        except UNREADABLE as error:
            raise unreadable(error, self._path, 0) from error

    def read(self, after_seq: int = 0, until_seq: int | None = None) -> Iterator[Record]:
        """Yield records in order; raises JournalCorrupt naming the first that does not hold.

        With `until_seq` it is also an error if the journal ends before that.
        """
        last = _FOREVER if until_seq is None else until_seq
        previous = self.hash_of(after_seq)
        if previous is None:
            raise JournalCorrupt(after_seq, f"record {after_seq} is missing")
        expected = after_seq
        chained, digest, record = CHAINED, sha256, Record
        while expected < last and (rows := self._fetch(expected, last)):
            for seq, at, body, stored in rows:
                expected += 1
                if seq != expected:
                    raise JournalCorrupt(expected, f"record {expected} is missing; the next one is {seq}")
                try:
                    found = digest(b"".join((previous, chained(seq, at), body))).digest()
                except UNREADABLE as error:
                    raise unreadable(error, self._path, seq) from error
                if found != stored:
                    raise JournalCorrupt(seq, _BROKEN.format(seq=seq))
                yield record(seq, at, body, previous, found)
                previous = found
        if until_seq is not None and expected < until_seq:
            missing = expected + 1
            raise JournalCorrupt(missing, f"record {missing} is missing: the journal must reach {until_seq}")

    def read_events(
        self, after_seq: int = 0, until_seq: int | None = None
    ) -> Iterator[tuple[Record, tuple[Event, ...]]]:
        """Yield records with their events; a body that is no list of events is damage too."""
        for record in self.read(after_seq, until_seq):
            yield record, self.decode(record)

    def decode(self, record: Record) -> tuple[Event, ...]:
        """Return a record's events, under the schema it was written with."""
        try:
            return decode_events(record.body, self._schema_version(record.seq))
        except UnknownSchema as error:
            raise JournalError(f"record {record.seq}: {error}") from error
        except ValueError as error:
            raise JournalCorrupt(record.seq, f"record {record.seq} holds no events: {error}") from error

    def find_decision(self, account: AccountId, client_order_id: ClientOrderId) -> int | None:
        """Return the seq of the record that decided an id."""
        found = self.rows(_DECISION, (account, client_order_id))
        if not found:
            return None
        seq = found[0][0]
        if not isinstance(seq, int):
            raise JournalCorrupt(0, f"{self._path.name} is damaged in its index of decided ids")
        return seq

    def rows(self, query: str, bindings: tuple[int | str, ...] = ()) -> list[tuple[object, ...]]:
        """Return all rows of a query; raises JournalCorrupt where the file is damaged."""
        try:
            with self._lock:
                return list(self._connection.execute(query, bindings).fetchall())
        except UNREADABLE as error:
            raise unreadable(error, self._path, 0) from error

    def first_damage(self, error: JournalCorrupt) -> JournalCorrupt:
        """Return the damage that comes first, having met some: that of a record before that of anything beside."""
        try:
            for _ in self.read(0, error.seq or None):
                pass
        except JournalCorrupt as first:
            return first
        except JournalError:
            pass
        return error

    def _schema_version(self, seq: int) -> int:
        version = SCHEMA_VERSION
        if self._schemas is None:
            self._schemas = self._schema_changes()
        for start, schema in self._schemas:
            if start > seq:
                break
            version = schema
        return version

    def _schema_changes(self) -> list[tuple[int, int]]:
        """Return (first seq, schema version) of each run of epochs under one event schema."""
        rows = self.rows("SELECT seq, schema_version FROM epochs ORDER BY epoch")
        try:
            starts = msgspec.convert(rows, list[tuple[int, int]])
        except ValueError as error:
            raise unreadable(error, self._path, 0) from error
        return [row for i, row in enumerate(starts) if i == 0 or row[1] != starts[i - 1][1]]

    def hash_of(self, seq: int) -> bytes | None:
        """Return the stored hash of a record (GENESIS before the first), or None where there is no such record."""
        if seq == 0:
            return GENESIS
        rows = self.rows("SELECT hash FROM records WHERE seq = ?", (seq,))
        digest = rows[0][0] if rows else None
        return digest if isinstance(digest, bytes) else None

    def _fetch(self, after_seq: int, last: int) -> list[Row]:
        rows: list[Row] = []
        try:
            with self._lock:
                rows.extend(self._connection.execute(_SELECT, (after_seq, last, FETCH)))
        except UNREADABLE as error:
            # What came before the damage is still good: hand it on; the next fetch meets the damage first.
            if not rows:
                raise unreadable(error, self._path, after_seq + 1) from error
        return rows


_DECISION: Final = "SELECT seq FROM decided WHERE account = ? AND client_order_id = ?"
_BROKEN: Final = (
    "record {seq} does not hold: its hash is not that of its bytes bound to the record before it; "
    "it was changed after it was written"
)


def read_head(connection: apsw.Connection) -> Head:
    """Return where the journal ends: the last record, under the last epoch. Raises what UNREADABLE lists."""
    last = connection.execute(_LAST).fetchone()
    start = connection.execute(_START).fetchone()
    seq, digest = (0, GENESIS) if last is None else msgspec.convert(last, tuple[int, bytes])
    if start is None:
        return structs.replace(EMPTY, seq=seq, hash=digest)
    return Head(seq, digest, *msgspec.convert(start, tuple[int, int, str, str]))


def started(body: bytes) -> EngineStarted | None:
    """Return the EngineStarted in a record's body, if there is one. Only a body that names it is decoded."""
    if b"EngineStarted" not in body:
        return None
    return next((event for event in decode_events(body) if isinstance(event, EngineStarted)), None)


def unreadable(error: BaseException, path: Path, seq: int) -> JournalError:
    """Say that a journal cannot be read, and whether the file is to blame or the access to it.

    `seq` 0 means that no record is to blame, but something beside them.
    """
    if isinstance(error, apsw.Error) and not is_damage(error) and not isinstance(error, apsw.SQLError):
        return JournalError(f"{path} cannot be opened or read: {type(error).__name__}: {error}")
    if isinstance(error, apsw.NotADBError):
        return JournalCorrupt(1, f"{path.name} is no SQLite file, or its first page is damaged: {error}")
    where = f"at record {seq}" if seq else "beside its records"
    return JournalCorrupt(seq, f"{path.name} is damaged {where}: {type(error).__name__}: {error}")
