"""The writer thread: takes batches from a queue, commits each as one transaction, answers on the caller's loop.

It alone writes and checkpoints. When nobody wants anything it catches up: it moves the WAL into
the database and writes the anchor down.
"""

import asyncio
import logging
import time
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Final

import apsw
from msgspec import structs

from stopline.messages.events import EngineStarted
from stopline.ports.journal import (
    Head,
    JournalCorrupt,
    JournalError,
    JournalLost,
    JournalRefused,
    Record,
)
from stopline.stores.sqlite.anchor import Anchor, write_anchor
from stopline.stores.sqlite.connect import close_writer
from stopline.stores.sqlite.distrust import note_distrust
from stopline.stores.sqlite.failures import is_damage, is_failed_sync, judge
from stopline.stores.sqlite.layout import Layout
from stopline.stores.sqlite.reading import CHAINED, read_head, started

WAL_PAGES: Final = 64 * 2**20 // 4096
"""Checkpoint at 64 MiB of WAL, however busy it is."""
WAL_PAGES_RETRY: Final = 4 * 2**20 // 4096
"""How much later to try again where a reader stood in the way."""
IDLE_PAGES: Final = 2**20 // 4096
"""Below this an idle checkpoint is not worth its two fsyncs."""
IDLE_S: Final = 0.5
ANCHOR_EVERY_S: Final = 1.0

_RECORD: Final = "INSERT INTO records (seq, at, body, hash) VALUES (?, ?, ?, ?)"
_DECIDED: Final = "INSERT INTO decided (account, client_order_id, seq) VALUES (?, ?, ?)"
_EPOCH: Final = "INSERT INTO epochs (seq, epoch, schema_version, code_version, config_version) VALUES (?, ?, ?, ?, ?)"

_log = logging.getLogger(__name__)

_Job = tuple[Sequence[Record] | None, asyncio.AbstractEventLoop, "asyncio.Future[None]"]
"""Records to append, or None to close; and who waits for it."""


class Writer:
    """Owns the writing connection. `head` is where the durable journal ends."""

    def __init__(self, connection: apsw.Connection, head: Head, anchor_path: Path) -> None:
        """Start the thread."""
        self.head = head
        self._connection = connection
        self._cursor = connection.cursor()
        self._anchor_path = anchor_path
        self._anchored_seq = 0
        self._anchored_at = time.monotonic()
        self._wal_pages = 0
        self._checkpoint_at = WAL_PAGES
        self._data_version = connection.data_version()
        self._over: JournalError | None = None
        """Why nothing can be appended any more."""
        self._queue: SimpleQueue[_Job] = SimpleQueue()
        connection.set_wal_hook(self._note_pages)
        self._thread = Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    async def append(self, records: Sequence[Record]) -> None:
        """Return when the batch is durable; raises what it failed with."""
        if self._over is not None:
            raise self._over
        await self._ask(records)

    async def close(self) -> None:
        """Checkpoint, anchor and close, after what is queued."""
        await self._ask(None)
        self._thread.join()

    async def _ask(self, records: Sequence[Record] | None) -> None:
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        self._queue.put((records, loop, done))
        await done

    # ---- on the writer thread ------------------------------------------------------------------

    def _run(self) -> None:
        while True:
            try:
                records, loop, done = self._queue.get(timeout=self._patience())
            except Empty:
                self._rest()
                continue
            if records is None:
                self._finish()
                _settle(loop, done, None)
                return
            _settle(loop, done, self._try_append(records))
            if self._wal_pages >= self._checkpoint_at:
                self._checkpoint(apsw.SQLITE_CHECKPOINT_PASSIVE)
            self._anchor_when_due()

    def _patience(self) -> float | None:
        """Return how long to wait for work before there is something else to do."""
        wants_rest = self._over is None and (self._wal_pages >= IDLE_PAGES or self.head.seq > self._anchored_seq)
        return IDLE_S if wants_rest else None

    def _try_append(self, records: Sequence[Record]) -> JournalError | None:
        if self._over is not None:
            return self._over
        error = self._commit(records)
        if error is not None and not isinstance(error, JournalRefused):
            self._over = error
        return error

    def _commit(self, records: Sequence[Record]) -> JournalError | None:
        committing = False
        cursor, last = self._cursor, records[-1]
        try:
            rows = chained_rows(self.head, records)
            cursor.execute("BEGIN IMMEDIATE")
            self._expect_no_other_writer()
            cursor.executemany(_RECORD, rows)
            cursor.executemany(_DECIDED, _decided(records))
            head = self._keep_epochs(records)
            committing = True
            cursor.execute("COMMIT")
        except BaseException as error:
            errno = self._connection.system_errno
            verdict = self._proven(judge(error, errno, committing=committing, seq=records[0].seq))
            self._doubt(error, verdict)
            return verdict
        self.head = structs.replace(head, seq=last.seq, hash=last.hash)
        return None

    def _expect_no_other_writer(self) -> None:
        """Read the head again where SQLite says that another connection has written."""
        version = self._connection.data_version()
        if version != self._data_version:
            if read_head(self._connection) != self.head:
                raise ValueError(f"another program has written to the journal: it ended at record {self.head.seq}")
            self._data_version = version

    def _keep_epochs(self, records: Sequence[Record]) -> Head:
        """Write down the epochs that begin in these records, and return a head under the last of them."""
        head = self.head
        for record in records:
            event = started(record.body)
            if event is not None:
                if event.epoch <= head.epoch:
                    raise ValueError(f"epoch {event.epoch} cannot follow epoch {head.epoch}")
                self._cursor.execute(_EPOCH, (record.seq, *_terms(event)))
                head = Head(head.seq, head.hash, *_terms(event))
        return head

    def _proven(self, verdict: JournalError) -> JournalError:
        """Roll back, and let a refusal stand only if the journal is seen to end where it did."""
        try:
            if self._connection.in_transaction:
                self._cursor.execute("ROLLBACK")
            unchanged = read_head(self._connection) == self.head
        except BaseException as error:
            if not isinstance(verdict, JournalRefused):
                return verdict
            return JournalLost(f"{verdict}; and rolling it back failed: {type(error).__name__}: {error}")
        if isinstance(verdict, JournalRefused) and not unchanged:
            return JournalLost(f"{verdict}; but the journal does not end at record {self.head.seq} any more")
        return verdict

    def _doubt(self, error: BaseException, verdict: JournalError) -> None:
        """Leave word for the next process where the journal itself is in doubt."""
        if isinstance(verdict, JournalLost | JournalCorrupt):
            layout = Layout(self._anchor_path.parent)
            note_distrust(layout, str(verdict), failed_sync=is_failed_sync(error))

    def _checkpoint(self, mode: int) -> None:
        """Move the WAL into the database. What fails here is still in the WAL, but for a failed fsync."""
        try:
            pages, moved = self._connection.wal_checkpoint(mode=mode)
        except apsw.Error as error:
            seq = self.head.seq
            if is_failed_sync(error) or is_damage(error):
                self._over = judge(error, self._connection.system_errno, committing=True, seq=seq)
                self._doubt(error, self._over)
                _log.critical("checkpoint: %s", self._over)
            else:
                _log.warning("checkpoint put off: %s: %s", type(error).__name__, error)
            pages, moved = self._wal_pages, 0
        self._wal_pages = 0 if moved >= pages else pages
        self._checkpoint_at = WAL_PAGES if moved >= pages else pages + WAL_PAGES_RETRY

    def _rest(self) -> None:
        if self._wal_pages >= IDLE_PAGES:
            self._checkpoint(apsw.SQLITE_CHECKPOINT_PASSIVE)
        self._anchor_when_due()

    def _anchor_when_due(self) -> None:
        if time.monotonic() - self._anchored_at >= ANCHOR_EVERY_S:
            self._anchor()

    def _anchor(self) -> None:
        head = self.head
        if self._over is not None or head.seq <= self._anchored_seq:
            return
        self._anchored_at = time.monotonic()
        try:
            write_anchor(self._anchor_path, Anchor(head.seq, head.hash))
            self._anchored_seq = head.seq
        except OSError as error:
            _log.warning("%s was not written: %s", self._anchor_path.name, error)

    def _finish(self) -> None:
        """Close. After a failed fsync nothing more is written: the WAL stays for the next start to verify."""
        if self._over is None:
            self._checkpoint(apsw.SQLITE_CHECKPOINT_TRUNCATE)
            self._anchor()
        if self._over is None and self._wal_pages == 0:
            close_writer(self._connection)
        else:
            self._connection.close()
        self._over = self._over or JournalError("the journal is closed")

    def _note_pages(self, _connection: apsw.Connection, _database: str, pages: int) -> int:
        self._wal_pages = pages
        return apsw.SQLITE_OK


def _settle(loop: asyncio.AbstractEventLoop, done: "asyncio.Future[None]", error: JournalError | None) -> None:
    def settle() -> None:
        if done.done():
            return
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)

    try:
        loop.call_soon_threadsafe(settle)
    except RuntimeError:  # the loop is closed: nobody waits any more
        _log.warning("a batch was settled after its loop had closed: %s", error or "durable")


def _decided(records: Sequence[Record]) -> Iterator[tuple[str, str, int]]:
    for record in records:
        for account, client_order_id in record.decided_ids:
            yield account, client_order_id, record.seq


def _terms(event: EngineStarted) -> tuple[int, int, str, str]:
    return event.epoch, event.schema_version, event.code_version, event.config_version


def chained_rows(head: Head, records: Sequence[Record]) -> list[tuple[int, int, bytes, bytes]]:
    """Return the rows of records that continue `head`; raises ValueError where they do not."""
    seq, digest = head.seq, head.hash
    rows = []
    for record in records:
        seq += 1
        if record.seq != seq:
            raise ValueError(f"record {record.seq} cannot follow record {seq - 1}: seq has no gaps")
        if record.prev_hash != digest:
            raise ValueError(f"record {seq} is not bound to record {seq - 1}: its prev_hash is another")
        digest = sha256(b"".join((digest, CHAINED(seq, record.at), record.body))).digest()
        if record.hash != digest:
            raise ValueError(f"record {seq} does not hash to what it says")
        rows.append((seq, record.at, record.body, digest))
    return rows
