"""What every journal promises (ports/journal.py), run over each of them."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import structs

from stopline.messages.events import SCHEMA_VERSION
from stopline.ports.journal import GENESIS, Head, Journal, JournalError, JournalRefused, Record, Snapshot
from stopline.stores.sqlite.journal import open_journal
from tests.journals import alert, bind, denials, started
from tests.twins.journal import MemoryJournal

Open = Callable[[Path], Journal]
JOURNALS: dict[str, Open] = {"memory": lambda _: MemoryJournal(), "sqlite": open_journal}
DURABLE: dict[str, Open] = {"sqlite": open_journal}


@pytest.fixture(params=JOURNALS)
async def journal(request, tmp_path) -> AsyncIterator[Journal]:
    opened = JOURNALS[request.param](tmp_path)
    yield opened
    await opened.close()


def stored(records: list[Record]) -> list[Record]:
    """What `read` gives back: the ids are in the index only."""
    return [structs.replace(record, decided_ids=()) for record in records]


async def refused(attempt: Awaitable[None]) -> str:
    with pytest.raises(JournalRefused) as caught:
        await attempt
    return caught.value.reason


def snapshot(record: Record, state: bytes = b"state") -> Snapshot:
    return Snapshot(record.seq, record.hash, 1, "1", state, b"h" * 32)


# --- the head ------------------------------------------------------------------------------------


async def test_an_empty_journal_ends_at_genesis(journal):
    assert journal.head() == Head(0, GENESIS, 0, SCHEMA_VERSION, "", "")
    assert list(journal.read()) == []
    assert journal.latest_snapshot() is None


async def test_head_moves_with_each_append(journal):
    first = denials(journal.head(), 3)
    await journal.append(first)
    assert (journal.head().seq, journal.head().hash) == (3, first[-1].hash)
    more = denials(first[-1], 1)
    await journal.append(more)
    assert (journal.head().seq, journal.head().hash) == (4, more[-1].hash)


async def test_head_names_the_epoch_of_the_last_start(journal):
    one = bind(journal.head(), [started(1)])
    two = bind(one, [alert(1)])
    await journal.append([one, two])
    assert journal.head() == Head(2, two.hash, 1, SCHEMA_VERSION, "code-1", "config-1")
    await journal.append([bind(two, [alert(2), started(2)])])
    assert (journal.head().epoch, journal.head().code_version, journal.head().config_version) == (
        2,
        "code-2",
        "config-2",
    )


async def test_a_text_that_says_engine_started_starts_nothing(journal):
    await journal.append([bind(journal.head(), [alert(1, "EngineStarted")])])
    assert journal.head().epoch == 0


@pytest.mark.parametrize("epoch", [1, 2])
async def test_an_epoch_never_comes_twice_nor_back(journal, epoch):
    """I07: epochs strictly increase."""
    first = bind(journal.head(), [started(2)])
    await journal.append([first])
    assert await refused(journal.append([bind(first, [started(epoch)])])) == "store_error"
    assert journal.head().seq == 1


# --- append and read -----------------------------------------------------------------------------


async def test_what_was_appended_is_read_back(journal):
    records = denials(journal.head(), 10)
    await journal.append(records[:4])
    await journal.append(records[4:])
    assert list(journal.read()) == stored(records)


async def test_an_empty_batch_is_nothing(journal):
    await journal.append([])
    assert journal.head().seq == 0


@pytest.mark.parametrize(
    ("after", "until", "seqs"),
    [
        (0, None, [1, 2, 3, 4, 5]),
        (0, 5, [1, 2, 3, 4, 5]),
        (2, None, [3, 4, 5]),
        (2, 4, [3, 4]),
        (4, 5, [5]),
        (5, None, []),
        (3, 3, []),
        (0, 99, [1, 2, 3, 4, 5]),
    ],
)
async def test_reads_what_lies_between(journal, after, until, seqs):
    await journal.append(denials(journal.head(), 5))
    assert [record.seq for record in journal.read(after, until)] == seqs


async def test_a_body_may_be_any_bytes(journal):
    at = 2**62
    record = bind(
        journal.head(), [alert(1, "\x00\udcff'; DROP TABLE records; --".encode("utf-8", "replace").decode())], at
    )
    await journal.append([record])
    assert list(journal.read()) == stored([record])


async def test_a_reader_sees_the_end_as_it_was_when_it_began(journal):
    records = denials(journal.head(), 4)
    await journal.append(records[:2])
    reading = journal.read()
    assert next(reading).seq == 1
    await journal.append(records[2:])
    assert [record.seq for record in reading] in ([2], [2, 3, 4])


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sizes=st.lists(st.integers(1, 20), max_size=8))
async def test_batch_boundaries_leave_no_trace(tmp_path_factory, sizes):
    """I12: the same records, however they were cut, give the same journal."""
    records = denials(Head(0, GENESIS, 0, 1, "", ""), sum(sizes))
    for open_ in JOURNALS.values():
        journal = open_(tmp_path_factory.mktemp("journal", numbered=True))
        start = 0
        for size in sizes:
            await journal.append(records[start : start + size])
            start += size
        assert list(journal.read()) == stored(records)
        await journal.close()


# --- what is refused -----------------------------------------------------------------------------


def _gap(after: Head) -> list[Record]:
    return denials(after, 2)[1:]


def _again(after: Head) -> list[Record]:
    one = denials(after, 1)
    return [*one, *one]


def _unbound(after: Head) -> list[Record]:
    return denials(structs.replace(after, hash=b"x" * 32), 1)


def _wrong_hash(after: Head) -> list[Record]:
    return [structs.replace(denials(after, 1)[0], hash=b"x" * 32)]


def _wrong_body(after: Head) -> list[Record]:
    return [structs.replace(denials(after, 1)[0], body=b"\x90")]


def _wrong_later(after: Head) -> list[Record]:
    good = denials(after, 3)
    return [*good[:2], structs.replace(good[2], at=1)]


@pytest.mark.parametrize("wrong", [_gap, _again, _unbound, _wrong_hash, _wrong_body, _wrong_later])
async def test_a_batch_that_does_not_follow_is_refused_whole(journal, wrong):
    """I18."""
    await journal.append(denials(journal.head(), 2))
    before = journal.head()
    assert await refused(journal.append(wrong(before))) == "store_error"
    assert journal.head() == before
    assert len(list(journal.read())) == 2
    await journal.append(denials(before, 1))
    assert journal.head().seq == 3


# --- decided ids ---------------------------------------------------------------------------------


async def test_a_decision_is_found_by_its_id_however_old(journal):
    records = denials(journal.head(), 50)
    await journal.append(records)
    assert journal.find_decision("A1", "order-1") == 1
    assert journal.find_decision("A1", "order-50") == 50
    assert journal.find_decision("A1", "order-51") is None
    assert journal.find_decision("A2", "order-1") is None


async def test_one_record_may_decide_several_ids_and_accounts_do_not_share_them(journal):
    ids = [("A1", "x"), ("A2", "x"), ("A1", "y")]
    await journal.append([bind(journal.head(), [alert(1)], ids=ids)])
    assert [journal.find_decision(*each) for each in ids] == [1, 1, 1]


async def test_an_id_is_taken_literally(journal):
    """No case folding, no trailing blanks, no normal forms: `same` means the same bytes."""
    ids = ["a", "A", "a ", "é", "e\u0301", "a\x00b", "1", "01"]
    await journal.append([bind(journal.head(), [alert(1)], ids=[("A1", each) for each in ids])])
    assert [journal.find_decision("A1", each) for each in ids] == [1] * len(ids)
    assert journal.find_decision("A1", "a\x00") is None


@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "in two"])
async def test_an_id_is_never_decided_twice(journal, together):
    """I03: the index is unique for ever, and a batch is all or nothing."""
    first = bind(journal.head(), [alert(1)], ids=[("A1", "x")])
    second = bind(first, [alert(2)], ids=[("A1", "new"), ("A1", "x")])
    if together:
        assert await refused(journal.append([first, second])) == "store_error"
    else:
        await journal.append([first])
        assert await refused(journal.append([second])) == "store_error"
    assert journal.head().seq == (0 if together else 1)
    assert journal.find_decision("A1", "new") is None


# --- snapshots -----------------------------------------------------------------------------------


async def test_the_newest_snapshot_is_the_one(journal):
    records = denials(journal.head(), 10)
    await journal.append(records)
    for index in (1, 8, 4):
        await journal.save_snapshot(snapshot(records[index], b"%d" % index))
    assert journal.latest_snapshot() == snapshot(records[8], b"8")


async def test_a_snapshot_of_the_same_seq_replaces(journal):
    records = denials(journal.head(), 1)
    await journal.append(records)
    await journal.save_snapshot(snapshot(records[0], b"old"))
    await journal.save_snapshot(snapshot(records[0], b"new"))
    assert journal.latest_snapshot() == snapshot(records[0], b"new")


async def test_a_snapshot_is_bound_to_the_chain(journal):
    """I18: a snapshot's anchor is a durable record of this journal."""
    records = denials(journal.head(), 2)
    await journal.append(records[:1])
    assert await refused(journal.save_snapshot(snapshot(records[1]))) == "store_error"
    wrong = structs.replace(snapshot(records[0]), hash=b"x" * 32)
    assert await refused(journal.save_snapshot(wrong)) == "store_error"
    assert journal.latest_snapshot() is None


# --- the end, and a new beginning ------------------------------------------------------------------


async def test_a_closed_journal_takes_nothing(journal):
    await journal.close()
    with pytest.raises(JournalError):
        await journal.append(denials(Head(0, GENESIS, 0, 1, "", ""), 1))
    await journal.close()


@pytest.mark.parametrize("open_", DURABLE.values(), ids=DURABLE.keys())
async def test_all_is_there_after_a_restart(open_, tmp_path):
    journal = open_(tmp_path)
    first = bind(journal.head(), [started(1)])
    records = [first, *denials(first, 20)]
    await journal.append(records)
    await journal.save_snapshot(snapshot(records[5]))
    head = journal.head()
    await journal.close()
    again = open_(tmp_path)
    assert again.head() == head
    assert list(again.read()) == stored(records)
    assert again.find_decision("A1", "order-21") == 21
    assert again.latest_snapshot() == snapshot(records[5])
    await again.append(denials(records[-1], 1))
    assert again.head().seq == 22
    await again.close()
