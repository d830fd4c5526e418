"""F09: a bit flipped anywhere, a file cut short, another file, an older copy. Always found, the first bad record named.

A flip that `verify` lets pass must be proven harmless: everything that can be read is as it was.
"""

import asyncio
from pathlib import Path

import apsw
import pytest

from stopline.ports.journal import JournalCorrupt, JournalError
from stopline.stores import tools
from stopline.stores.sqlite import journal as journals
from stopline.stores.sqlite.journal import open_journal
from stopline.stores.sqlite.layout import create_private
from stopline.stores.sqlite.reading import APPLICATION_ID
from tests.journals import EMPTY, alert, bind, copy_of, denials, started

PAGE = 512
ORDERS = {"records": "seq", "decided": "account, client_order_id", "epochs": "epoch", "schema_version": "number"}
FIRST = bind(EMPTY, [started(1)])
RECORDS = [FIRST, *denials(FIRST, 5)]
RECORDS.append(bind(RECORDS[-1], [alert(1, "long " * 150)]))
RECORDS.append(bind(RECORDS[-1], [started(2)]))


@pytest.fixture(autouse=True)
def small_wal(monkeypatch):
    monkeypatch.setattr(journals, "WAL_PREALLOCATED", 0)


def prepare(to: Path) -> None:
    to.mkdir(mode=0o700)
    create_private(to / "journal.db")
    connection = apsw.Connection(str(to / "journal.db"))
    connection.pragma("page_size", PAGE)
    connection.pragma("application_id", APPLICATION_ID)
    connection.close()


async def make_small(to: Path) -> Path:
    """Make a closed journal with small pages: every byte of it can be tried in seconds."""
    prepare(to)
    journal = open_journal(to)
    await journal.append(RECORDS[:3])
    await journal.append(RECORDS[3:])
    await journal.close()
    return to


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    return asyncio.run(make_small(tmp_path_factory.mktemp("damage") / "sample"))


def readable(path: Path) -> dict[str, list[object]]:
    """Read everything in the file without verifying anything; what cannot be read is missing."""
    found: dict[str, list[object]] = {}
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        for table, order in ORDERS.items():
            rows = found[table] = []
            try:
                for row in connection.execute(f"SELECT * FROM {table} ORDER BY {order}"):
                    rows.append(row)
            except (apsw.Error, ValueError, MemoryError) as error:
                rows.append(type(error).__name__)
    except apsw.Error as error:
        found["file"] = [type(error).__name__]
    finally:
        connection.close()
    return found


def first_changed(before: list[object], after: list[object]) -> int | None:
    """Return the seq of the first record that reads otherwise than before."""
    for seq, row in enumerate(before, start=1):
        if seq > len(after) or after[seq - 1] != row:
            return seq
    return None


def flipped(content: bytes, offset: int) -> bytes:
    changed = bytearray(content)
    changed[offset] ^= 1 << (offset * 5 % 8)
    return bytes(changed)


def live(file: Path, part: bytes) -> int:
    """Return where a part of a record really stands: pages hold stale copies of it beside."""
    content = file.read_bytes()
    intact = readable(file)
    offset = -1
    while True:
        offset = content.index(part, offset + 1)
        file.write_bytes(flipped(content, offset))
        changed = readable(file) != intact
        file.write_bytes(content)
        if changed:
            return offset


def poke(file: Path, offset: int, content: bytes) -> None:
    """Change bytes in place (to write the file anew would wait for the disk, each time)."""
    with file.open("r+b", buffering=0) as raw:
        raw.seek(offset)
        raw.write(content)


@pytest.mark.parametrize("part", range(4))
def test_every_flipped_bit_is_found_or_harmless(sample, tmp_path, part):
    work = copy_of(sample, tmp_path / "work")
    file = work / "journal.db"
    content = file.read_bytes()
    intact = readable(file)
    assert len(intact["records"]) == len(RECORDS)
    found = harmless = 0
    for offset in range(part, len(content), 4):
        poke(file, offset, flipped(content, offset)[offset : offset + 1])
        verdict = tools.verify(work)
        if verdict.intact:
            assert readable(file) == intact, f"byte {offset} changed what can be read, and was not found"
            harmless += 1
        else:
            now = readable(file)
            bad = first_changed(intact["records"], now.get("records", []))
            if bad is not None and "file" not in now:
                assert verdict.first_bad_seq in (bad, 1), f"byte {offset}: {verdict.message}"
            found += 1
        poke(file, offset, content[offset : offset + 1])
    assert found > len(content) // 4 // 3
    assert harmless > 0, "pages have unused space: nothing to be found there"
    assert tools.verify(work).intact


def test_a_flip_in_each_record_is_named(sample, tmp_path):
    """The record whose stored bytes were changed, not one near it."""
    work = copy_of(sample, tmp_path / "work")
    file = work / "journal.db"
    content = file.read_bytes()
    for record in RECORDS:
        for part in (record.body[:40], record.hash):
            file.write_bytes(content)
            file.write_bytes(flipped(content, live(file, part) + len(part) // 2))
            verdict = tools.verify(work)
            assert (verdict.intact, verdict.first_bad_seq) == (False, record.seq)
            assert f"record {record.seq}" in verdict.message


async def test_a_damaged_end_is_found_when_the_journal_is_opened(sample, tmp_path):
    work = copy_of(sample, tmp_path / "work")
    file = work / "journal.db"
    content = file.read_bytes()
    for record in RECORDS:
        file.write_bytes(content)
        file.write_bytes(flipped(content, live(file, record.hash)))
        with pytest.raises(JournalCorrupt) as caught:
            open_journal(work)
        assert caught.value.seq == record.seq
    file.write_bytes(content)
    await open_journal(work).close()


async def test_damage_far_from_the_end_is_found_when_it_is_read(tmp_path, monkeypatch):
    """Opening looks at the last records only; recovery reads what it folds."""
    monkeypatch.setattr(journals, "VERIFIED_AT_OPEN", 3)
    sample = await make_small(tmp_path / "sample")
    file = sample / "journal.db"
    file.write_bytes(flipped(file.read_bytes(), live(file, RECORDS[1].hash)))
    journal = open_journal(sample)
    reading = journal.read()
    assert next(reading).seq == 1
    with pytest.raises(JournalCorrupt) as caught:
        next(reading)
    assert caught.value.seq == 2
    assert [record.seq for record in journal.read(after_seq=5)] == [6, 7, 8]
    await journal.close()


async def test_damage_met_while_appending_names_the_first_bad_record(tmp_path):
    sample = await make_small(tmp_path / "sample")
    journal = open_journal(sample)
    file = sample / "journal.db"
    content = bytearray(file.read_bytes())
    page = content.index(RECORDS[6].hash) // PAGE
    for each in range(1, len(content) // PAGE):
        content[each * PAGE : each * PAGE + 8] = b"\xff" * 8
    assert page
    with file.open("r+b") as raw:
        raw.write(content)
    with pytest.raises(JournalCorrupt) as caught:
        await journal.append(denials(RECORDS[-1], 30, "x" * 300))
    assert 1 <= caught.value.seq <= len(RECORDS)
    with pytest.raises(JournalCorrupt):
        await journal.append(denials(RECORDS[-1], 1))
    await journal.close()


def test_every_cut_is_found(sample, tmp_path):
    work = copy_of(sample, tmp_path / "work")
    file = work / "journal.db"
    content = file.read_bytes()
    for length in range(0, len(content), 128):
        file.write_bytes(content[:length])
        assert not tools.verify(work).intact, f"cut to {length}"
        with pytest.raises(JournalError):
            open_journal(work)


@pytest.mark.parametrize(
    ("edit", "bad"),
    [
        pytest.param("DELETE FROM records WHERE seq = 4", 4, id="dropped"),
        pytest.param("DELETE FROM records WHERE seq = 1", 1, id="first dropped"),
        pytest.param("DELETE FROM records WHERE seq = 8", 8, id="last dropped"),
        pytest.param("UPDATE records SET at = at + 1 WHERE seq = 3", 3, id="another time"),
        pytest.param(
            "UPDATE records SET body = (SELECT body FROM records WHERE seq = 2) WHERE seq = 3", 3, id="copied"
        ),
        pytest.param("UPDATE records SET seq = -seq WHERE seq IN (4, 5)", 4, id="moved away"),
        pytest.param("INSERT INTO records SELECT 9, at, body, hash FROM records WHERE seq = 8", 9, id="inserted"),
        pytest.param("DELETE FROM decided WHERE client_order_id = 'order-3'", 3, id="id forgotten"),
        pytest.param("UPDATE decided SET seq = 2 WHERE client_order_id = 'order-3'", 3, id="id moved"),
        pytest.param("UPDATE decided SET client_order_id = 'x' WHERE seq = 3", 3, id="id renamed"),
        pytest.param("INSERT INTO decided VALUES ('A1', 'never', 3)", None, id="id invented"),
        pytest.param("UPDATE epochs SET epoch = 7 WHERE epoch = 2", None, id="epoch changed"),
        pytest.param("UPDATE epochs SET code_version = 'x' WHERE epoch = 1", None, id="epoch reworded"),
        pytest.param("DELETE FROM epochs", None, id="epochs forgotten"),
        pytest.param("DROP TABLE epochs", None, id="table dropped"),
        pytest.param("CREATE TABLE notes (x)", None, id="table added"),
        pytest.param("CREATE TRIGGER t AFTER INSERT ON records BEGIN DELETE FROM decided; END", None, id="trigger"),
    ],
)
def test_what_a_person_edits_is_found(sample, tmp_path, edit, bad):
    """S9: changed with a tool that leaves the file itself in order."""
    work = copy_of(sample, tmp_path / "work")
    connection = apsw.Connection(str(work / "journal.db"))
    connection.execute(edit)
    connection.close()
    verdict = tools.verify(work)
    assert not verdict.intact
    assert verdict.first_bad_seq == bad, verdict.message


def test_a_consistent_rewrite_is_caught_by_the_anchor(sample, tmp_path):
    """Somebody makes a whole new history with right hashes: only what lies outside the file can tell."""
    work = copy_of(sample, tmp_path / "work")
    forged = [bind(EMPTY, [started(1)])]
    forged += denials(forged[-1], 6, "forged")
    forged.append(bind(forged[-1], [started(2)]))
    connection = apsw.Connection(str(work / "journal.db"))
    for record in forged:
        connection.execute(
            "UPDATE records SET at = ?, body = ?, hash = ? WHERE seq = ?",
            (record.at, record.body, record.hash, record.seq),
        )
    connection.execute("INSERT INTO decided VALUES ('A1', 'order-7', 7)")
    connection.close()
    verdict = tools.verify(work)
    assert not verdict.intact
    assert verdict.first_bad_seq == 8
    assert "another journal, or its history was rewritten" in verdict.message


# --- another file --------------------------------------------------------------------------------------


def _text(path: Path) -> None:
    path.write_text("this is no journal\n" * 1000)


def _noise(path: Path) -> None:
    path.write_bytes(bytes(range(256)) * 64)


def _other_database(path: Path) -> None:
    path.unlink()
    connection = apsw.Connection(str(path))
    connection.execute("CREATE TABLE records (seq INTEGER PRIMARY KEY)")
    connection.close()
    path.chmod(0o600)


@pytest.mark.parametrize("replace", [_text, _noise, _other_database])
def test_another_file_is_refused_and_left_alone(sample, tmp_path, replace):
    work = copy_of(sample, tmp_path / "work")
    replace(work / "journal.db")
    before = (work / "journal.db").read_bytes()
    with pytest.raises(JournalCorrupt):
        open_journal(work)
    assert not tools.verify(work).intact
    assert (work / "journal.db").read_bytes() == before


def test_a_journal_of_a_newer_stopline_is_refused(sample, tmp_path):
    work = copy_of(sample, tmp_path / "work")
    connection = apsw.Connection(str(work / "journal.db"))
    connection.execute("INSERT INTO schema_version VALUES (99, 'later')")
    connection.close()
    with pytest.raises(JournalError, match="run the newer one"):
        open_journal(work)


# --- an older copy -------------------------------------------------------------------------------------


async def test_an_older_copy_is_refused(tmp_path):
    """I19."""
    data_dir = tmp_path / "new"
    journal = open_journal(data_dir)
    await journal.append(RECORDS[:4])
    await journal.close()
    copy_of(data_dir, tmp_path / "old")
    journal = open_journal(data_dir)
    await journal.append(RECORDS[4:])
    await journal.close()
    (data_dir / "journal.db").write_bytes((tmp_path / "old" / "journal.db").read_bytes())
    with pytest.raises(JournalCorrupt, match="an older copy was restored") as caught:
        open_journal(data_dir)
    assert caught.value.seq == 5
    verdict = tools.verify(data_dir)
    assert (verdict.intact, verdict.first_bad_seq) == (False, 5)
    (data_dir / "anchor.json").unlink()
    journal = open_journal(data_dir)
    assert journal.head().seq == 4, "who deletes the anchor has said that he means it"
    await journal.close()


@pytest.mark.parametrize("gone", ["deleted", "emptied"])
async def test_a_vanished_journal_is_not_begun_anew(sample, tmp_path, gone):
    work = copy_of(sample, tmp_path / "work")
    if gone == "deleted":
        (work / "journal.db").unlink()
    else:
        (work / "journal.db").write_bytes(b"")
    with pytest.raises(JournalCorrupt) as caught:
        open_journal(work)
    assert caught.value.seq == 1
    assert not (work / "journal.db").exists() or not (work / "journal.db").stat().st_size


async def test_the_wal_of_another_time_beside_an_older_copy(tmp_path):
    """Somebody restores journal.db and forgets the -wal of a killed process beside it."""
    data_dir = tmp_path / "new"
    journal = open_journal(data_dir)
    await journal.append(RECORDS[:2])
    await journal.close()
    older = (data_dir / "journal.db").read_bytes()
    journal = open_journal(data_dir)
    await journal.append(RECORDS[2:6])
    killed = copy_of(data_dir, tmp_path / "killed")
    await journal.close()
    (killed / "journal.db").write_bytes(older)
    verdict = tools.verify(killed)
    assert verdict.intact
    assert verdict.head_seq == 6, "it began where that WAL begins: nothing is missing"


async def test_a_flip_in_the_wal_of_a_killed_process(tmp_path):
    """SQLite takes a damaged frame for the torn end of the WAL and cuts there; the anchor knows better."""
    data_dir = tmp_path / "running"
    journal = open_journal(data_dir)
    await journal.append(RECORDS[:4])
    journal._writer._anchor()
    await journal.append(RECORDS[4:])
    killed = copy_of(data_dir, tmp_path / "killed")
    await journal.close()
    wal = killed / "journal.db-wal"
    content = wal.read_bytes()
    ended: set[int] = set()
    for offset in range(0, len(content), 97):
        poke(wal, offset, flipped(content, offset)[offset : offset + 1])
        verdict = tools.verify(killed)
        assert verdict.intact == (verdict.head_seq >= 4), "before the anchor it is damage, after it a torn end"
        ended.add(verdict.head_seq)
        poke(wal, offset, content[offset : offset + 1])
    assert ended == {0, 4}


@pytest.mark.parametrize("offset", range(0, 118, 3))
def test_a_damaged_anchor_is_not_believed(sample, tmp_path, offset):
    work = copy_of(sample, tmp_path / "work")
    anchor = work / "anchor.json"
    content = anchor.read_bytes()
    anchor.write_bytes(flipped(content, offset % len(content)))
    verdict = tools.verify(work)
    if verdict.intact:
        changed = anchor.read_bytes()
        # Nothing but white space, or a hex digit written large: it says what it said.
        assert changed.lower() == content.lower() or content[offset : offset + 1].isspace()
    else:
        assert "anchor.json" in verdict.message
