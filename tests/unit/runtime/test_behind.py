"""What a snapshot stands for is read behind the start, and damage in it is not overlooked."""

from msgspec.structs import replace

from stopline.ports.journal import JournalCorrupt, JournalError, Snapshot
from stopline.runtime.behind import verify_behind
from tests.unit.runtime.rig import MemoryJournal, Rig, buy


async def journal_with_snapshot(at: int) -> MemoryJournal:
    rig = await Rig().start()
    for number in range(60):
        await rig.loop.ask(buy(f"n{number}"))
    await rig.stop()
    record = rig.journal.records[at - 1]
    rig.journal.snapshot = Snapshot(at, record.hash, 1, "1", b"", b"")
    return rig.journal


async def damage_of(journal: MemoryJournal) -> list[int]:
    found: list[JournalCorrupt] = []
    await verify_behind(journal, found.append)
    return [damage.seq for damage in found]


async def test_an_intact_journal_says_nothing():
    journal = await journal_with_snapshot(55)
    assert await damage_of(journal) == []
    journal.snapshot = None
    assert await damage_of(journal) == []


async def test_damage_before_the_snapshot_is_found_and_named():
    journal = await journal_with_snapshot(55)
    journal.records[6] = replace(journal.records[6], body=b"\x90")
    assert await damage_of(journal) == [7]


async def test_what_comes_after_it_the_start_has_read():
    journal = await journal_with_snapshot(20)
    journal.records[30] = replace(journal.records[30], body=b"\x90")
    assert await damage_of(journal) == []


async def test_a_journal_that_cannot_be_read_now_proves_nothing(caplog):
    journal = await journal_with_snapshot(20)

    def unreadable(*asked: object, **named: object) -> object:
        raise JournalError("cannot be read")

    journal.read = unreadable  # type: ignore[method-assign,assignment]
    assert await damage_of(journal) == []
    assert "were not verified" in caplog.text
