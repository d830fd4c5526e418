"""The journal in SQLite: one writer thread, one transaction per batch, on disk before `append` returns.

All writes and checkpoints are made by that thread on one connection (reliability.md F10).
Readers have connections of their own and never hold it up.
"""

import asyncio
import logging
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import apsw

from stopline.messages.events import EngineStarted, Event
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
)
from stopline.stores.sqlite import anchor as anchors
from stopline.stores.sqlite import snapshots
from stopline.stores.sqlite.check import check_all
from stopline.stores.sqlite.connect import WRITER_PRAGMAS, PragmaRefused, open_writer, preallocate_wal, set_pragmas
from stopline.stores.sqlite.distrust import note_distrust, refuse_unreliable, settle_distrust
from stopline.stores.sqlite.failures import FULL, HELD, LOCKED, NO_SPACE, is_failed_sync, plain
from stopline.stores.sqlite.layout import Layout, create_private, sync_directory
from stopline.stores.sqlite.migrate import NewerSchema, migrate
from stopline.stores.sqlite.owner import Ownership
from stopline.stores.sqlite.reading import APPLICATION_ID, EMPTY, UNREADABLE, ChainReader, unreadable
from stopline.stores.sqlite.writer import Writer

VERIFIED_AT_OPEN: Final = 256
"""How many of the last records are verified when the journal is opened; recovery reads the rest."""

SHORT_LOOK: Final = 64
"""Reading no more records than this is a look; more is a stream."""

WAL_PREALLOCATED: Final = 4 * 2**20
"""Bytes of WAL that exist from the start; idle checkpoints keep it in there most of the time."""

_log = logging.getLogger(__name__)


class SqliteJournal(Journal):
    """A data directory's journal, open for writing. Made by `open_journal`."""

    def __init__(
        self,
        layout: Layout,
        ownership: Ownership,
        writer: Writer,
        streams: ChainReader,
        lookups: ChainReader,
        doubt: str = "",
    ) -> None:
        """Take what `open_journal` opened and verified. A long reading never makes a short look wait."""
        self._layout = layout
        self._ownership = ownership
        self._writer = writer
        self._streams, self._lookups = streams, lookups
        self._closed = False
        self.doubt = doubt
        """What a person should know of the disk; mostly empty."""

    def head(self) -> Head:
        """Return where the journal ends."""
        return self._writer.head

    async def append(self, records: Sequence[Record]) -> None:
        """Make a batch durable, as the port says; JournalCorrupt where the file turns out to be damaged."""
        if not records:
            return
        try:
            await self._writer.append(records)
        except JournalCorrupt as error:
            raise await asyncio.to_thread(self._streams.first_damage, error) from error

    def read(self, after_seq: int = 0, until_seq: int | None = None) -> Iterator[Record]:
        """Yield records in order up to the head as it is now, verifying each."""
        head = self._writer.head.seq
        last = head if until_seq is None else min(until_seq, head)
        reader = self._lookups if last - after_seq <= SHORT_LOOK else self._streams
        return reader.read(after_seq, last)

    def decode(self, record: Record) -> tuple[Event, ...]:
        """Return a record's events, under the schema it was written with."""
        return self._lookups.decode(record)

    def find_decision(self, account: AccountId, client_order_id: ClientOrderId) -> int | None:
        """Return the seq of the record that decided this id."""
        return self._lookups.find_decision(account, client_order_id)

    def latest_snapshot(self) -> Snapshot | None:
        """Return the newest snapshot that is intact and belongs to this journal."""
        return snapshots.latest(self._layout.snapshots, self._lookups.hash_of)

    async def save_snapshot(self, snapshot: Snapshot) -> None:
        """Keep a snapshot of a durable seq; raises JournalRefused."""
        if self._lookups.hash_of(snapshot.seq) != snapshot.hash:
            raise JournalRefused("store_error", f"snapshot {snapshot.seq} is of another journal, or not durable")
        await asyncio.to_thread(snapshots.save, self._layout.snapshots, snapshot)

    async def close(self) -> None:
        """Finish what is under way, checkpoint, and let go of the data directory."""
        if self._closed:
            return
        self._closed = True
        self._streams.close()
        self._lookups.close()
        try:
            await self._writer.close()
        finally:
            self._ownership.release()


def open_journal(data_dir: Path) -> SqliteJournal:
    """Take a data directory and open its journal, or make a new one.

    Raises JournalBusy (another process has it), JournalCorrupt (naming the first bad record),
    JournalRefused (full, locked) or JournalError (unsafe or unknown) with what to do.
    """
    layout = Layout(data_dir)
    try:
        check_all(layout)
        ownership = Ownership(layout)
        try:
            _refuse_vanished(layout)
            refuse_unreliable(layout)
            return _open(layout, ownership)
        except BaseException:
            ownership.release()
            raise
    except OSError as error:
        if error.errno in NO_SPACE:
            raise JournalRefused(FULL, f"{data_dir} cannot be opened: the disk is full ({error})") from error
        raise JournalError(f"{data_dir} cannot be opened: {error}") from error


def _open(layout: Layout, ownership: Ownership) -> SqliteJournal:
    with ExitStack() as opened:
        connection = _connect(layout.journal)
        opened.callback(connection.close)
        streams = ChainReader(layout.journal)
        opened.callback(streams.close)
        lookups = ChainReader(layout.journal)
        opened.callback(lookups.close)
        doubt = settle_distrust(layout)
        head = _verify_end(layout, streams)
        writer = Writer(connection, head, layout.anchor)
        opened.pop_all()
        return SqliteJournal(layout, ownership, writer, streams, lookups, doubt)


def _refuse_vanished(layout: Layout) -> None:
    """Refuse to begin anew where a journal once was; raises JournalCorrupt."""
    gone = not layout.journal.exists() or not layout.journal.stat().st_size
    anchor = anchors.read_anchor(layout.anchor) if gone else None
    if anchor is not None:
        anchors.check_anchor(anchor, EMPTY, GENESIS)


def _connect(path: Path) -> apsw.Connection:
    create_private(path)
    connection = None
    try:
        connection = open_writer(path)
        _check_identity(connection, path)
        set_pragmas(connection, WRITER_PRAGMAS)
        migrate(connection, "journal")
        preallocate_wal(path, WAL_PREALLOCATED)
        sync_directory(path.parent)
        return connection
    except BaseException as error:
        if connection is not None:
            connection.close()
        if is_failed_sync(error):
            note_distrust(Layout(path.parent), f"fsync failed at a start: {error}", failed_sync=True)
        if isinstance(error, NewerSchema | PragmaRefused):
            raise JournalError(f"{path}: {error}") from error
        if isinstance(error, apsw.Error) and plain(error) in LOCKED:
            raise JournalRefused(HELD, f"{path} is locked by another program: {error}") from error
        if isinstance(error, apsw.FullError):
            raise JournalRefused(FULL, f"{path} cannot be opened: the disk is full") from error
        if isinstance(error, UNREADABLE):
            raise unreadable(error, path, 1) from error
        raise


def _check_identity(connection: apsw.Connection, path: Path) -> None:
    """Refuse a SQLite file that is not ours; mark an empty one as ours."""
    found = connection.pragma("application_id")
    if found == APPLICATION_ID:
        return
    if found != 0 or connection.execute("SELECT count(*) FROM sqlite_schema").get:
        raise JournalCorrupt(1, f"{path} is a SQLite file, but not Stopline's journal (application_id {found})")
    connection.pragma("application_id", APPLICATION_ID)


def _verify_end(layout: Layout, reader: ChainReader) -> Head:
    """Verify the last records, the last epoch and the anchor, and return the head."""
    try:
        head = reader.head()
        for record in reader.read(max(0, head.seq - VERIFIED_AT_OPEN), head.seq):
            reader.decode(record)
        verify_epoch(reader, head)
    except JournalCorrupt as error:
        raise reader.first_damage(error) from error
    anchor = anchors.read_anchor(layout.anchor)
    if anchor is not None:
        anchors.check_anchor(anchor, head, reader.hash_of(anchor.seq))
    elif head.seq:
        _log.warning("%s is missing: nothing shows whether this journal is an older copy", layout.anchor.name)
    return head


def verify_epoch(reader: ChainReader, head: Head) -> None:
    """Raise JournalCorrupt unless the newest entry in `epochs` is what its record says."""
    rows = reader.rows("SELECT seq FROM epochs ORDER BY epoch DESC LIMIT 1")
    seq = rows[0][0] if rows else 0
    if seq == 0:
        return
    if not isinstance(seq, int) or not 0 < seq <= head.seq:
        raise JournalCorrupt(0, f"the table of epochs speaks of record {seq}, which is not there")
    events = [event for record in reader.read(seq - 1, seq) for event in reader.decode(record)]
    said = [
        (event.epoch, event.schema_version, event.code_version, event.config_version)
        for event in events
        if isinstance(event, EngineStarted)
    ]
    if (head.epoch, head.schema_version, head.code_version, head.config_version) not in said:
        raise JournalCorrupt(0, f"the table of epochs does not say what record {seq} says")
