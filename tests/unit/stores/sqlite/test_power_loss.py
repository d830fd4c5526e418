"""F05: after a power cut at any moment, all that was acked is there, and nothing that is half a batch.

Three controls show that this test can fail: the same work with `synchronous` NORMAL and OFF,
and with FULL on a disk that only pretends to sync.
"""

from collections import Counter
from pathlib import Path
from random import Random

import pytest

from stopline.ports.journal import JournalError
from stopline.stores import tools
from stopline.stores.sqlite import connect, writer
from stopline.stores.sqlite import journal as journals
from stopline.stores.sqlite.journal import open_journal
from tests.faulty_disk import FaultyDisk, Op
from tests.journals import EMPTY, denials
from tests.power_cut import image, write_image

BATCHES = [1, 3, 9, 1, 2, 14, 1, 1, 5, 20, 2, 7]
RECORDS = denials(EMPTY, sum(BATCHES), "x" * 300)
IMAGES = 160
ENDS = {sum(BATCHES[:number]) for number in range(len(BATCHES) + 1)}
"""Where a batch ends: a journal may end nowhere else."""


@pytest.fixture(autouse=True)
def small_wal(monkeypatch):
    """Checkpoints and a WAL that starts over, several times in the work; no zeros that the log does not know of."""
    monkeypatch.setattr(writer, "WAL_PAGES", 15)
    monkeypatch.setattr(journals, "WAL_PREALLOCATED", 0)


async def work(path: Path) -> tuple[list[Op], list[tuple[int, int]]]:
    """Append everything; return the log, and (requests so far, acked seq) at each ack."""
    acks = [(0, 0)]
    with FaultyDisk() as disk:
        journal = open_journal(path)
        done = 0
        for size in BATCHES:
            await journal.append(RECORDS[done : done + size])
            done += size
            acks.append((len(disk.log), done))
        await journal.close()
    return disk.log, acks


async def outcome(files: dict[str, bytes], acked: int, to: Path) -> str:
    """Open what the cut left: `holds`, `lost` (acked records are missing) or `corrupt`."""
    write_image(files, to)
    try:
        journal = open_journal(to)
    except JournalError:
        return "corrupt"
    try:
        found = list(journal.read())
    except JournalError:
        return "corrupt"
    finally:
        await journal.close()
    if [record.hash for record in found] != [record.hash for record in RECORDS[: len(found)]]:
        return "corrupt"
    if len(found) not in ENDS or journal.head().seq != len(found):
        return "corrupt"
    return "holds" if len(found) >= acked else "lost"


async def cut_often(log: list[Op], acks: list[tuple[int, int]], to: Path, images: int) -> Counter[str]:
    """Cut the power at random moments; count how it ended."""
    chance = Random(20130520)
    ended: Counter[str] = Counter()
    for number in range(images):
        until = chance.randrange(1, len(log) + 1)
        acked = max(seq for requests, seq in acks if requests <= until)
        ended[await outcome(image(log, until, chance), acked, to / str(number))] += 1
    return ended


async def test_acked_survives_every_power_cut(tmp_path):
    log, acks = await work(tmp_path / "work")
    checkpoints = sum(op.what == "sync" and op.file == "journal.db" for op in log)
    assert checkpoints > 3, "the work must contain checkpoints, or this test says little"
    ended = await cut_often(log, acks, tmp_path, IMAGES)
    assert ended == {"holds": IMAGES}


async def test_a_cut_journal_verifies_and_goes_on(tmp_path):
    log, acks = await work(tmp_path / "work")
    chance = Random(7)
    for number in range(10):
        until = chance.randrange(acks[1][0], len(log) + 1)
        to = write_image(image(log, until, chance), tmp_path / str(number))
        journal = open_journal(to)
        await journal.append(denials(journal.head(), 3))
        await journal.close()
        found = tools.verify(to)
        assert found.intact, found.message


@pytest.mark.parametrize("synchronous", ["normal", "off"])
async def test_control_a_weaker_setting_is_seen_to_lose(tmp_path, monkeypatch, synchronous):
    level = {"normal": 1, "off": 0}[synchronous]
    weaker = tuple(
        ("synchronous", synchronous, level) if pragma[0] == "synchronous" else pragma
        for pragma in connect.WRITER_PRAGMAS
    )
    monkeypatch.setattr(journals, "WRITER_PRAGMAS", weaker)
    log, acks = await work(tmp_path / "work")
    ended = await cut_often(log, acks, tmp_path, IMAGES // 4)
    assert ended["lost"] + ended["corrupt"] > IMAGES // 16
    assert synchronous == "off" or ended["corrupt"] == 0, "NORMAL loses acked records, but breaks nothing"


async def test_control_a_disk_that_lies_is_seen_to_lose(tmp_path):
    """Every fsync says yes and does nothing, as under eatmydata."""
    log, acks = await work(tmp_path / "work")
    unsynced = [op for op in log if op.what != "sync"]
    moments = [sum(op.what != "sync" for op in log[:requests]) for requests, _ in acks]
    lied = [(moment, seq) for moment, (_, seq) in zip(moments, acks, strict=True)]
    ended = await cut_often(unsynced, lied, tmp_path, IMAGES // 4)
    assert ended["lost"] + ended["corrupt"] > IMAGES // 16
