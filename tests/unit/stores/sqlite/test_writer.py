"""The writer thread: who waits hears, who gave up harms nobody, and idle time is used."""

import asyncio
import json
import time
from pathlib import Path

import apsw
import pytest

from stopline.ports.journal import JournalError
from stopline.stores.sqlite import journal as journals
from stopline.stores.sqlite import writer
from stopline.stores.sqlite.connect import PragmaRefused, set_pragmas
from stopline.stores.sqlite.journal import SqliteJournal, open_journal
from tests.faulty_disk import FaultyDisk
from tests.journals import EMPTY, denials

LONG = "x" * 500


@pytest.fixture(autouse=True)
def small_wal(monkeypatch):
    monkeypatch.setattr(journals, "WAL_PREALLOCATED", 0)


async def until(true: object, patience_s: float = 20.0) -> None:
    """Wait for something that another thread does soon; fail when it never does."""
    assert callable(true)
    end = time.monotonic() + patience_s
    while not true():
        assert time.monotonic() < end, "it never happened"
        await asyncio.sleep(0.01)


def wal_bytes(path: Path) -> int:
    wal = path / "journal.db-wal"
    return wal.stat().st_size if wal.exists() else 0


async def test_it_writes_as_durably_as_it_says(tmp_path):
    """WAL, synchronous FULL, no checkpoint behind our back: read back from the connection that writes."""
    journal = open_journal(tmp_path)
    connection = journal._writer._connection
    found = {name: connection.pragma(name) for name in ("journal_mode", "synchronous", "wal_autocheckpoint")}
    assert found == {"journal_mode": "wal", "synchronous": 2, "wal_autocheckpoint": 0}
    await journal.close()


def test_a_setting_that_does_not_stick_is_an_error():
    connection = apsw.Connection(":memory:")
    with pytest.raises(PragmaRefused, match="journal_mode"):
        set_pragmas(connection, [("journal_mode", "wal", "wal")])


async def test_a_batch_is_one_sync(tmp_path):
    """Group commit: however many records, one wait for the disk."""
    with FaultyDisk() as disk:
        journal = open_journal(tmp_path)
        await journal.append(denials(EMPTY, 1))
        disk.log.clear()
        records = denials(journal.head(), 64)
        await journal.append(records)
        assert [op.file for op in disk.log if op.what == "sync"] == ["journal.db-wal"]
        await journal.close()


async def test_who_gave_up_waiting_leaves_a_whole_batch(tmp_path):
    """A cancelled append is durable or not, never half; the journal goes on from where it is."""
    journal = open_journal(tmp_path)
    waiting = asyncio.create_task(journal.append(denials(EMPTY, 5)))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await until(lambda: journal.head().seq == 5)
    await journal.append(denials(journal.head(), 2))
    assert len(list(journal.read())) == 7
    await journal.close()


async def test_closing_waits_for_what_is_under_way(tmp_path):
    journal = open_journal(tmp_path)
    under_way = asyncio.create_task(journal.append(denials(EMPTY, 50, LONG)))
    await asyncio.sleep(0)
    await journal.close()
    await under_way
    with pytest.raises(JournalError, match="closed"):
        await journal.append(denials(EMPTY, 1))
    again = open_journal(tmp_path)
    assert again.head().seq == 50
    await again.close()


def test_a_loop_that_closed_stops_nobody(tmp_path):
    """The program's loop is gone before the answer comes: the batch is in, the thread lives."""

    async def first() -> SqliteJournal:
        journal = open_journal(tmp_path)
        asyncio.get_running_loop().create_task(journal.append(denials(EMPTY, 2))).add_done_callback(_hear)
        await asyncio.sleep(0)
        return journal

    async def then(journal: SqliteJournal) -> None:
        await until(lambda: journal.head().seq == 2)
        await journal.append(denials(journal.head(), 1))
        await journal.close()

    asyncio.run(then(asyncio.run(first())))


def _hear(task: "asyncio.Task[None]") -> None:
    if not task.cancelled():
        task.exception()


async def test_the_wal_starts_over_when_it_is_long(tmp_path, monkeypatch):
    monkeypatch.setattr(writer, "WAL_PAGES", 20)
    journal = open_journal(tmp_path)
    for _ in range(60):
        await journal.append(denials(journal.head(), 5, LONG))
    assert wal_bytes(tmp_path) < 60 * 4096
    assert len(list(journal.read())) == 300
    await journal.close()


async def test_an_idle_journal_catches_up(tmp_path, monkeypatch):
    """When nobody wants anything the WAL is moved into the database, and the anchor is written."""
    monkeypatch.setattr(writer, "IDLE_PAGES", 5)
    monkeypatch.setattr(writer, "IDLE_S", 0.01)
    monkeypatch.setattr(writer, "ANCHOR_EVERY_S", 0.0)
    journal = open_journal(tmp_path)
    await journal.append(denials(EMPTY, 20, LONG))
    await until(lambda: (tmp_path / "journal.db").stat().st_size > 4 * 4096)
    await until((tmp_path / "anchor.json").exists)
    assert json.loads((tmp_path / "anchor.json").read_bytes())["seq"] == 20
    await journal.close()


async def test_an_anchor_that_cannot_be_written_stops_nothing(tmp_path, monkeypatch):
    """Full disk: the anchor is an aid, and is tried again."""
    monkeypatch.setattr(writer, "ANCHOR_EVERY_S", 0.0)
    (tmp_path / "anchor.json.new").mkdir()
    journal = open_journal(tmp_path)
    await journal.append(denials(EMPTY, 3))
    await journal.append(denials(journal.head(), 3))
    (tmp_path / "anchor.json.new").rmdir()
    await journal.close()
    assert json.loads((tmp_path / "anchor.json").read_bytes())["seq"] == 6


async def test_a_closed_journal_is_one_file(tmp_path):
    """So that who copies journal.db has copied all of it."""
    journal = open_journal(tmp_path)
    await journal.append(denials(EMPTY, 3))
    await journal.close()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["anchor.json", "journal.db", "owner.db"]


async def test_preallocated_wal_is_no_record(tmp_path, monkeypatch):
    """Zeros ahead of the frames make syncs cheaper and mean nothing."""
    monkeypatch.setattr(journals, "WAL_PREALLOCATED", 1 << 20)
    journal = open_journal(tmp_path)
    assert wal_bytes(tmp_path) == 1 << 20
    await journal.append(denials(EMPTY, 3))
    assert wal_bytes(tmp_path) == 1 << 20
    killed = tmp_path / "killed"
    killed.mkdir(mode=0o700)
    for name in ("journal.db", "journal.db-wal"):
        (killed / name).write_bytes((tmp_path / name).read_bytes())
        (killed / name).chmod(0o600)
    await journal.close()
    again = open_journal(killed)
    assert again.head().seq == 3
    await again.close()
