"""F07 and F09 across starts: a failed fsync makes the next start verify everything, the second one is the last."""

import asyncio
from pathlib import Path

import pytest

from stopline.ports.journal import JournalCorrupt, JournalError, JournalLost
from stopline.stores.sqlite import journal as journals
from stopline.stores.sqlite.distrust import note_distrust, read_distrust
from stopline.stores.sqlite.journal import VERIFIED_AT_OPEN, open_journal
from stopline.stores.sqlite.layout import Layout
from tests.faulty_disk import FaultyDisk, sync_failed
from tests.journals import EMPTY, copy_of, denials
from tests.unit.stores.sqlite.test_damage import flipped, live

RECORDS = denials(EMPTY, VERIFIED_AT_OPEN + 20)


@pytest.fixture(autouse=True)
def small_wal(monkeypatch):
    monkeypatch.setattr(journals, "WAL_PREALLOCATED", 0)


async def fail_a_sync(data_dir: Path) -> None:
    with FaultyDisk() as disk:
        journal = open_journal(data_dir)
        disk.fail_nth("sync", "journal.db-wal", 1, sync_failed)
        with pytest.raises(JournalLost):
            await journal.append(denials(journal.head(), 1))
        await journal.close()


async def test_after_one_failed_fsync_all_is_verified_and_said(tmp_path):
    await fail_a_sync(tmp_path)
    journal = open_journal(tmp_path)
    assert "once not confirmed a write" in journal.doubt
    await journal.append(denials(journal.head(), 1))
    await journal.close()
    again = open_journal(tmp_path)
    assert again.doubt, "until a person has looked"
    await again.close()
    Layout(tmp_path).distrust.unlink()
    again = open_journal(tmp_path)
    assert again.doubt == ""
    await again.close()


async def test_the_second_time_it_does_not_start(tmp_path):
    await fail_a_sync(tmp_path)
    await fail_a_sync(tmp_path)
    with pytest.raises(JournalError, match="2 times") as caught:
        open_journal(tmp_path)
    assert "another disk" in str(caught.value)
    Layout(tmp_path).distrust.unlink()
    await open_journal(tmp_path).close()


async def test_a_failed_fsync_of_a_checkpoint_counts_too(tmp_path):
    with FaultyDisk() as disk:
        journal = open_journal(tmp_path)
        await journal.append(denials(journal.head(), 1))
        disk.fail_nth("sync", "journal.db", 1, sync_failed)
        await journal.close()
    note = read_distrust(Layout(tmp_path))
    assert note is not None
    assert note.failed_syncs == 1


async def test_damage_before_what_a_start_reads_is_found_when_the_journal_is_in_doubt(tmp_path):
    data_dir = tmp_path / "data"
    journal = open_journal(data_dir)
    await journal.append(RECORDS)
    await journal.close()
    damaged = copy_of(data_dir, tmp_path / "damaged")
    file = damaged / "journal.db"
    offset = live(file, RECORDS[2].hash)
    file.write_bytes(flipped(file.read_bytes(), offset))
    unseen = open_journal(damaged)
    assert unseen.head().seq == len(RECORDS), "a start reads the end only"
    await unseen.close()
    note_distrust(Layout(damaged), "somebody has a doubt", failed_sync=False)
    with pytest.raises(JournalCorrupt) as caught:
        open_journal(damaged)
    assert caught.value.seq == 3
    note_distrust(Layout(data_dir), "somebody has a doubt", failed_sync=False)
    whole = open_journal(data_dir)
    assert whole.doubt == ""
    await whole.close()
    assert read_distrust(Layout(data_dir)) is None, "verified, and forgotten"


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"reason": 1}'])
async def test_a_note_that_cannot_be_read_is_a_doubt(tmp_path, content):
    await open_journal(tmp_path).close()
    Layout(tmp_path).distrust.write_bytes(content)
    journal = open_journal(tmp_path)
    assert journal.doubt
    await journal.close()


def test_a_disk_that_takes_no_note_is_not_held_up(tmp_path):
    note_distrust(Layout(tmp_path / "nowhere"), "reason", failed_sync=True)
    assert asyncio.run(_opened(tmp_path)) == ""


async def _opened(path: Path) -> str:
    journal = open_journal(path)
    await journal.close()
    return journal.doubt
