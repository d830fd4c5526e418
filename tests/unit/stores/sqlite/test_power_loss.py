"""F05: after a power cut at any moment, all that was acked is there, and nothing that is half a batch.

Three controls show that this test can fail: the same work with `synchronous` NORMAL and OFF,
and with FULL on a disk that only pretends to sync. `python -m tests.power_loss` makes thousands.
"""

from collections.abc import Iterator
from random import Random

import pytest

from stopline.stores import tools
from stopline.stores.sqlite.journal import open_journal
from tests.journals import denials
from tests.power_cut import image, write_image
from tests.power_loss import cut_often, lied, small_wal, synchronous, work

IMAGES = 160


@pytest.fixture(autouse=True)
def checkpoints() -> Iterator[None]:
    with small_wal():
        yield


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


@pytest.mark.parametrize("level", ["normal", "off"])
async def test_control_a_weaker_setting_is_seen_to_lose(tmp_path, level):
    with synchronous(level):
        log, acks = await work(tmp_path / "work")
    ended = await cut_often(log, acks, tmp_path, IMAGES // 4)
    assert ended["lost"] + ended["corrupt"] > IMAGES // 16
    assert level == "off" or ended["corrupt"] == 0, "NORMAL loses acked records, but breaks nothing"
    assert level == "normal" or ended["corrupt"] > 0, "OFF breaks it"


async def test_control_a_disk_that_lies_is_seen_to_lose(tmp_path):
    """Every fsync says yes and does nothing, as under eatmydata."""
    log, acks = await work(tmp_path / "work")
    ended = await cut_often(*lied(log, acks), tmp_path, IMAGES // 4)
    assert ended["lost"] + ended["corrupt"] > IMAGES // 16
