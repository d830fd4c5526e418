"""Snapshot files: a round trip, the newest few kept, damaged and foreign ones skipped and said."""

import logging
from pathlib import Path

import pytest

from stopline.ports.journal import Snapshot
from stopline.stores.sqlite import snapshots
from stopline.stores.sqlite.journal import open_journal
from tests.journals import EMPTY, denials

RECORDS = denials(EMPTY, 8)


def snapshot(seq: int) -> Snapshot:
    return Snapshot(seq, RECORDS[seq - 1].hash, 3, "1", b"state of %d " % seq * 40, b"h" * 32)


def hash_of(seq: int) -> bytes | None:
    return RECORDS[seq - 1].hash if 0 < seq <= len(RECORDS) else None


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "snapshots"


def test_a_round_trip(folder):
    path = snapshots.save(folder, snapshot(5))
    assert snapshots.read(path) == snapshot(5)
    assert snapshots.latest(folder, hash_of) == snapshot(5)


def test_there_may_be_none(folder):
    assert snapshots.latest(folder, hash_of) is None


def test_the_newest_few_are_kept(folder):
    for seq in (1, 2, 5, 3, 8):
        snapshots.save(folder, snapshot(seq))
    assert [snapshots.read(path).seq for path in snapshots.newest_first(folder)] == [8, 5, 3]


def test_damage_anywhere_is_seen_and_the_one_before_is_taken(folder, caplog):
    snapshots.save(folder, snapshot(3))
    path = snapshots.save(folder, snapshot(7))
    content = path.read_bytes()
    caplog.set_level(logging.WARNING)
    for offset in range(0, len(content), 5):
        damaged = bytearray(content)
        damaged[offset] ^= 1 << offset % 8
        path.write_bytes(damaged)
        assert snapshots.latest(folder, hash_of) == snapshot(3)
    assert path.name in caplog.text
    for length in range(0, len(content), 31):
        path.write_bytes(content[:length])
        assert snapshots.latest(folder, hash_of) == snapshot(3)
    path.write_bytes(content)
    assert snapshots.latest(folder, hash_of) == snapshot(7)


def test_one_of_another_journal_is_skipped(folder, caplog):
    """I18: also one that is ahead of the journal, which is an older copy then."""
    snapshots.save(folder, snapshot(2))
    snapshots.save(folder, Snapshot(4, b"x" * 32, 3, "1", b"state", b"h" * 32))
    snapshots.save(folder, Snapshot(9, b"x" * 32, 3, "1", b"state", b"h" * 32))
    assert snapshots.latest(folder, hash_of) == snapshot(2)
    assert "another record 4, or none" in caplog.text


def test_what_was_half_written_is_not_looked_at(folder):
    snapshots.save(folder, snapshot(2))
    (folder / "00000000000000000005.snapshot.new").write_bytes(b"half")
    (folder / "notes.txt").write_bytes(b"mine")
    assert snapshots.latest(folder, hash_of) == snapshot(2)


async def test_the_journal_keeps_and_finds_them(tmp_path: Path):
    journal = open_journal(tmp_path)
    await journal.append(RECORDS)
    for seq in (2, 4, 6, 8):
        await journal.save_snapshot(snapshot(seq))
    await journal.close()
    newest = snapshots.newest_first(tmp_path / "snapshots")[0]
    newest.write_bytes(newest.read_bytes()[:-1])
    again = open_journal(tmp_path)
    assert again.latest_snapshot() == snapshot(6)
    await again.close()
