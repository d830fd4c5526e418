"""F06 to F08: every write and every sync fails once, each in its turn, and nothing acked is lost."""

import asyncio
import errno
from collections.abc import Callable
from itertools import count
from pathlib import Path

import apsw
import pytest

from stopline.ports.journal import JournalCorrupt, JournalError, JournalLost, JournalRefused, Record
from stopline.stores.sqlite import connect, writer
from stopline.stores.sqlite import journal as journals
from stopline.stores.sqlite.failures import judge
from stopline.stores.sqlite.journal import SqliteJournal, open_journal
from tests.faulty_disk import FaultyDisk, disk_full, failure, read_failed, sync_failed, write_failed
from tests.journals import EMPTY, denials

BATCHES = [3, 1, 7, 2, 5]


@pytest.fixture(autouse=True)
def small_wal(monkeypatch):
    """Checkpoints in the middle of the work, and no megabytes of zeros for each try."""
    monkeypatch.setattr(writer, "WAL_PAGES", 12)
    monkeypatch.setattr(writer, "WAL_PAGES_RETRY", 4)
    monkeypatch.setattr(journals, "WAL_PREALLOCATED", 0)


@pytest.fixture
def disk():
    with FaultyDisk() as shim:
        yield shim


def batches() -> list[list[Record]]:
    records = denials(EMPTY, sum(BATCHES), "x" * 600)
    cut, made = 0, []
    for size in BATCHES:
        made.append(records[cut : cut + size])
        cut += size
    return made


async def append_all(journal: SqliteJournal) -> tuple[int, JournalError | None]:
    """Append batch after batch; return the last acked seq and the error that ended it."""
    acked = 0
    for batch in batches():
        try:
            await journal.append(batch)
        except JournalError as error:
            return acked, error
        acked = batch[-1].seq
    return acked, None


async def reopened(path: Path) -> list[Record]:
    journal = open_journal(path)
    records = list(journal.read())
    assert journal.head().seq == len(records)
    await journal.close()
    return records


# --- full disk -----------------------------------------------------------------------------------


async def test_full_at_every_write_is_refused_and_then_works_again(tmp_path, disk):
    """F06: `store_full`, the head stays, and the same records go in once there is space."""
    refusals = 0
    for nth in count(1):
        path = tmp_path / str(nth)
        journal = open_journal(path)
        disk.fail_nth("write", "journal.db-wal", nth, disk_full)
        acked, error = await append_all(journal)
        disk.heal()
        if error is None:
            await journal.close()
            break
        assert isinstance(error, JournalRefused)
        assert error.reason == "store_full"
        assert journal.head().seq == acked
        assert [record.seq for record in journal.read()] == list(range(1, acked + 1))
        for batch in batches():
            if batch[0].seq > acked:
                await journal.append(batch)
        await journal.close()
        assert len(await reopened(path)) == sum(BATCHES)
        refusals += 1
    assert refusals > 20


async def test_what_was_refused_is_not_there_after_a_kill(tmp_path, disk):
    """The proof behind `refused`: the file as it is at that moment, opened by a new process, ends where it did."""
    for nth in (1, 2, 3, 4, 5, 8, 13, 21):
        path, killed = tmp_path / str(nth), tmp_path / f"{nth}-killed"
        journal = open_journal(path)
        disk.fail_nth("write", "journal.db-wal", nth, disk_full, times=99)
        acked, error = await append_all(journal)
        assert isinstance(error, JournalRefused)
        killed.mkdir(mode=0o700)
        for name in ("journal.db", "journal.db-wal"):
            (killed / name).write_bytes((path / name).read_bytes())
            (killed / name).chmod(0o600)
        disk.heal()
        assert len(await reopened(killed)) == acked
        await journal.close()


async def test_full_while_checkpointing_refuses_nothing(tmp_path, disk):
    """The database cannot take the WAL's pages: they stay in the WAL, and it goes on."""
    journal = open_journal(tmp_path)
    disk.fail_nth("write", "journal.db", 1, disk_full, times=1_000)
    acked, error = await append_all(journal)
    assert (acked, error) == (sum(BATCHES), None)
    disk.heal()
    await journal.close()
    assert len(await reopened(tmp_path)) == sum(BATCHES)


# --- failed fsync --------------------------------------------------------------------------------


@pytest.mark.parametrize("file", ["journal.db-wal", "journal.db"])
async def test_a_failed_fsync_is_the_end(tmp_path, disk, file):
    """F07: lost, for every one of them, whichever file it strikes; never tried again; all acked is there."""
    struck = 0
    for nth in count(1):
        path = tmp_path / str(nth)
        journal = open_journal(path)
        disk.log.clear()
        disk.fail_nth("sync", file, nth, sync_failed)
        acked, error = await append_all(journal)
        if error is None:
            await journal.close()
            break
        assert isinstance(error, JournalLost)
        writes_before = len([op for op in disk.log if op.what in ("write", "sync") and "journal" in op.file])
        with pytest.raises(JournalLost):
            await journal.append(denials(journal.head(), 1))
        await journal.close()
        touched = [op for op in disk.log if op.what in ("write", "sync") and "journal" in op.file]
        assert len(touched) == writes_before, "after a failed fsync nothing is written or synced"
        disk.heal()
        assert len(await reopened(path)) >= acked
        struck += 1
    assert struck >= (5 if file == "journal.db-wal" else 1)


async def test_a_write_that_fails_for_another_reason_than_space_proves_nothing(tmp_path, disk):
    journal = open_journal(tmp_path)
    await journal.append(batches()[0])
    disk.fail_nth("write", "journal.db-wal", 1, write_failed)
    with pytest.raises(JournalLost):
        await journal.append(batches()[1])
    await journal.close()
    disk.heal()
    assert len(await reopened(tmp_path)) == BATCHES[0]


async def test_a_failed_read_before_the_commit_is_a_refusal(tmp_path, disk, monkeypatch):
    """Nothing of the batch can be in the file yet."""
    journal = open_journal(tmp_path)
    await journal.append(batches()[0])
    monkeypatch.setattr(
        journal._writer, "_expect_no_other_writer", _raise(failure(apsw.IOError, apsw.SQLITE_IOERR_READ))
    )
    with pytest.raises(JournalRefused) as caught:
        await journal.append(batches()[1])
    assert caught.value.reason == "store_error"
    monkeypatch.undo()
    await journal.append(batches()[1])
    assert journal.head().seq == BATCHES[0] + BATCHES[1]
    await journal.close()


def _raise(make: Callable[[], apsw.Error]) -> Callable[[], None]:
    def raising() -> None:
        raise make()

    return raising


async def test_a_reading_error_is_no_damage(tmp_path, disk):
    """An I/O error says nothing about the records: it is not called corrupt."""
    journal = open_journal(tmp_path)
    for batch in batches():
        await journal.append(batch)
    await journal.close()
    disk.fail_nth("read", "journal.db", 6, read_failed, times=1_000)
    with pytest.raises(JournalError) as caught:
        open_journal(tmp_path)
    assert not isinstance(caught.value, JournalCorrupt)
    disk.heal()
    assert len(await reopened(tmp_path)) == sum(BATCHES)


# --- locks ---------------------------------------------------------------------------------------


async def test_a_lock_held_too_long_is_a_refusal(tmp_path):
    """F08. (Another process does it in test_real_faults.py; another connection locks alike.)"""
    journal = open_journal(tmp_path)
    await journal.append(batches()[0])
    other = apsw.Connection(str(tmp_path / "journal.db"))
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(JournalRefused) as caught:
        await journal.append(batches()[1])
    assert caught.value.reason == "store_locked"
    assert journal.head().seq == BATCHES[0]
    other.execute("ROLLBACK")
    await journal.append(batches()[1])
    other.close()
    await journal.close()


async def test_a_short_lock_is_waited_for(tmp_path, monkeypatch):
    monkeypatch.setattr(connect, "BUSY_MS", 60_000)  # on a busy machine, nothing is short
    journal = open_journal(tmp_path)
    other = apsw.Connection(str(tmp_path / "journal.db"))
    other.execute("BEGIN IMMEDIATE")
    waiting = asyncio.create_task(journal.append(batches()[0]))
    await asyncio.sleep(0.05)
    other.execute("ROLLBACK")
    await waiting
    other.close()
    await journal.close()


async def test_a_foreign_write_to_the_records_is_the_end(tmp_path):
    """The journal does not end where it did: nothing is added, and a new start must verify."""
    journal = open_journal(tmp_path)
    first, second = batches()[:2]
    await journal.append(first)
    other = apsw.Connection(str(tmp_path / "journal.db"))
    other.execute("DELETE FROM records WHERE seq = ?", (first[-1].seq,))
    with pytest.raises(JournalLost, match="another program has written"):
        await journal.append(second)
    other.close()
    await journal.close()


async def test_a_foreign_write_elsewhere_does_no_harm(tmp_path):
    """Somebody opens the file with a tool and commits something harmless."""
    journal = open_journal(tmp_path)
    first, second = batches()[:2]
    await journal.append(first)
    other = apsw.Connection(str(tmp_path / "journal.db"))
    other.execute("CREATE TABLE notes (x); DROP TABLE notes")
    await journal.append(second)
    assert journal.head().seq == second[-1].seq
    other.close()
    await journal.close()


async def test_a_reader_that_stays_holds_nothing_up(tmp_path):
    """F08: a backup or a person reads for long; appends go on and the WAL waits."""
    journal = open_journal(tmp_path)
    await journal.append(batches()[0])
    other = apsw.Connection(str(tmp_path / "journal.db"))
    reading = other.execute("BEGIN; SELECT * FROM records")
    next(reading)
    for batch in batches()[1:]:
        await journal.append(batch)
    assert len(list(journal.read())) == sum(BATCHES)
    other.close()
    await journal.close()
    assert len(await reopened(tmp_path)) == sum(BATCHES)


# --- what an error proves ----------------------------------------------------------------------------


def _error(kind: type[apsw.Error], code: int) -> apsw.Error:
    return failure(kind, code)()


@pytest.mark.parametrize(
    ("error", "system_errno", "committing", "verdict"),
    [
        pytest.param(_error(apsw.FullError, apsw.SQLITE_FULL), 0, False, "store_full", id="full"),
        pytest.param(_error(apsw.FullError, apsw.SQLITE_FULL), 0, True, "store_full", id="full at commit"),
        pytest.param(
            _error(apsw.IOError, apsw.SQLITE_IOERR_WRITE), errno.EFBIG, True, "store_full", id="file too large"
        ),
        pytest.param(_error(apsw.IOError, apsw.SQLITE_IOERR_WRITE), errno.EDQUOT, True, "store_full", id="over quota"),
        pytest.param(_error(apsw.IOError, apsw.SQLITE_IOERR_WRITE), errno.EIO, True, JournalLost, id="write failed"),
        pytest.param(_error(apsw.IOError, apsw.SQLITE_IOERR_WRITE), errno.EIO, False, "store_error", id="spill failed"),
        pytest.param(
            _error(apsw.IOError, apsw.SQLITE_IOERR_FSYNC), errno.ENOSPC, True, JournalLost, id="no space at fsync"
        ),
        pytest.param(
            _error(apsw.IOError, apsw.SQLITE_IOERR_FSYNC), errno.EIO, False, JournalLost, id="fsync of a header"
        ),
        pytest.param(
            _error(apsw.IOError, apsw.SQLITE_IOERR_DIR_FSYNC), errno.EIO, True, JournalLost, id="fsync of names"
        ),
        pytest.param(
            _error(apsw.IOError, apsw.SQLITE_IOERR_SHMSIZE), errno.ENOSPC, True, JournalLost, id="index after fsync"
        ),
        pytest.param(
            _error(apsw.IOError, apsw.SQLITE_IOERR_SHMSIZE), errno.ENOSPC, False, "store_full", id="index before"
        ),
        pytest.param(_error(apsw.IOError, apsw.SQLITE_IOERR_READ), errno.EIO, False, "store_error", id="read failed"),
        pytest.param(_error(apsw.BusyError, apsw.SQLITE_BUSY), 0, False, "store_locked", id="busy"),
        pytest.param(_error(apsw.BusyError, apsw.SQLITE_BUSY), 0, True, JournalLost, id="busy at commit"),
        pytest.param(_error(apsw.LockedError, apsw.SQLITE_LOCKED), 0, False, "store_locked", id="locked"),
        pytest.param(_error(apsw.CorruptError, apsw.SQLITE_CORRUPT), 0, False, JournalCorrupt, id="corrupt"),
        pytest.param(_error(apsw.NotADBError, apsw.SQLITE_NOTADB), 0, True, JournalCorrupt, id="no database"),
        pytest.param(ValueError("gap"), 0, False, "store_error", id="refused by ourselves"),
        pytest.param(MemoryError(), 0, True, JournalLost, id="anything else at commit"),
    ],
)
def test_what_an_error_proves(error, system_errno, committing, verdict):
    said = judge(error, system_errno, committing=committing, seq=7)
    if isinstance(verdict, str):
        assert isinstance(said, JournalRefused)
        assert said.reason == verdict
    else:
        assert type(said) is verdict
    assert "record 7" in str(said)
