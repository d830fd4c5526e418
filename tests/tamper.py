"""Journals that somebody tampered with, drawn from a seed: `python -m tests.tamper --count 10000 --seed N`.

Each is made from a sound one by a tool that leaves the SQLite file in order (what damages the file itself is tried bit
by bit in tests/unit/stores/sqlite/test_damage.py). Every one must be found, and the first bad record named; as many
sound journals, copied, packed anew or grown by a process, must pass: no false alarm.

Source     reliability.md S9, G18, I18, I19.
"""

import argparse
import asyncio
import json
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random

import apsw

from stopline.messages.events import Event
from stopline.ports.journal import Record
from stopline.stores import tools
from stopline.stores.sqlite import journal as journals
from stopline.stores.sqlite.journal import open_journal
from tests.journals import EMPTY, bind, copy_of, denials, denied, started

Edit = Callable[[apsw.Connection, list[Record], Random], int | None]
"""Tampers; returns the first bad record, None where it is no record that is to blame."""
SIZES = (20, 45, 90)


def _set(db: apsw.Connection, column: str, value: object, seq: int) -> None:
    db.execute(f"UPDATE records SET {column} = ? WHERE seq = ?", (value, seq))


def _put(db: apsw.Connection, record: Record) -> None:
    db.execute("INSERT INTO records VALUES (?, ?, ?, ?)", (record.seq, record.at, record.body, record.hash))


def _forged(draw: Random) -> list[Event]:
    return [denied(f"forged-{draw.randrange(10**6)}")]


def _rewrite(db: apsw.Connection, records: list[Record]) -> None:
    """Let the table say these records, indexes and all."""
    for table in ("records", "decided"):
        db.execute(f"DELETE FROM {table}")
    for record in records:
        _put(db, record)
        for account, order_id in record.decided_ids:
            db.execute("INSERT INTO decided VALUES (?, ?, ?)", (account, order_id, record.seq))


def flip_a_bit(db: apsw.Connection, records: list[Record], draw: Random) -> int:
    """One bit of a record: its time, its body or its hash."""
    record, column = draw.choice(records), draw.choice(("at", "body", "body", "hash"))
    if column == "at":
        _set(db, "at", record.at ^ 1 << draw.randrange(40), record.seq)
        return record.seq
    content = bytearray(getattr(record, column))
    content[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
    _set(db, column, bytes(content), record.seq)
    return record.seq


def delete(db: apsw.Connection, records: list[Record], draw: Random) -> int:
    """One record, or several in a row."""
    first = draw.randrange(1, len(records) + 1)
    db.execute("DELETE FROM records WHERE seq BETWEEN ? AND ?", (first, first + draw.choice((0, 0, 3))))
    return first


def delete_and_close_up(db: apsw.Connection, records: list[Record], draw: Random) -> int:
    """One record, and number the later ones anew, so that no gap shows."""
    gone = draw.randrange(1, len(records))
    db.execute("DELETE FROM records WHERE seq = ?", (gone,))
    for seq in range(gone + 1, len(records) + 1):
        db.execute("UPDATE records SET seq = ? WHERE seq = ?", (seq - 1, seq))
    return gone


def swap(db: apsw.Connection, records: list[Record], draw: Random) -> int:
    """Two records change places."""
    one, other = sorted(draw.sample(records, 2), key=lambda record: record.seq)
    for seq, record in ((one.seq, other), (other.seq, one)):
        db.execute(
            "UPDATE records SET at = ?, body = ?, hash = ? WHERE seq = ?", (record.at, record.body, record.hash, seq)
        )
    return one.seq


def insert(db: apsw.Connection, records: list[Record], draw: Random) -> int:
    """A record between two others, bound to the one before it; the later ones are numbered anew and not bound to it."""
    before = draw.choice(records[:-1])
    for seq in range(len(records), before.seq, -1):
        db.execute("UPDATE records SET seq = ? WHERE seq = ?", (seq + 1, seq))
    _put(db, bind(before, [started(9)] if draw.random() < 0.2 else _forged(draw), before.at))
    return before.seq + 2


def append(db: apsw.Connection, records: list[Record], draw: Random) -> int:
    """A record at the end that is not bound to the one before it."""
    last = draw.choice(records[:-1])
    _put(db, Record(len(records) + 1, records[-1].at, last.body, records[-1].hash, last.hash, ()))
    return len(records) + 1


def replace_and_hash(db: apsw.Connection, records: list[Record], draw: Random) -> int:
    """Another body with the right hash: the next record is bound to another one."""
    seq = draw.randrange(2, len(records))
    forged = bind(records[seq - 2], _forged(draw), records[seq - 1].at)
    _set(db, "body", forged.body, seq)
    _set(db, "hash", forged.hash, seq)
    db.execute("DELETE FROM decided WHERE seq = ?", (seq,))
    db.executemany("INSERT INTO decided VALUES (?, ?, ?)", [(*name, seq) for name in forged.decided_ids])
    return seq + 1


def cut_off(db: apsw.Connection, records: list[Record], draw: Random) -> int:
    """The end is gone, with its ids: only the anchor tells."""
    kept = records[: draw.randrange(1, len(records))]
    _rewrite(db, kept)
    db.execute("DELETE FROM epochs WHERE seq > ?", (len(kept),))
    return len(kept) + 1


def forge(db: apsw.Connection, records: list[Record], draw: Random) -> int:
    """All from some record on is another history, with right hashes: only the anchor tells."""
    kept = records[: draw.randrange(1, len(records))]
    _rewrite(db, [*kept, *denials(kept[-1], len(records) - len(kept), f"forged {draw.random()}")])
    return len(records)


def forget_an_id(db: apsw.Connection, records: list[Record], draw: Random) -> int:
    """An id that was decided could be decided again."""
    record = draw.choice([each for each in records if each.decided_ids])
    db.execute("DELETE FROM decided WHERE seq = ?", (record.seq,))
    return record.seq


def reword_the_epoch(db: apsw.Connection, records: list[Record], draw: Random) -> None:
    """The index of starts says something else."""
    column, value = draw.choice((("code_version", "x"), ("schema_version", 99), ("config_version", ""), ("seq", 2)))
    db.execute(f"UPDATE epochs SET {column} = ?", (value,))


EDITS: tuple[Edit, ...] = (
    flip_a_bit, flip_a_bit, flip_a_bit, delete, delete_and_close_up, swap, insert, append, replace_and_hash, cut_off,
    forge, forget_an_id, reword_the_epoch,
)  # fmt: skip


async def make(to: Path, size: int) -> list[Record]:
    """Make a journal by the production code; returns its records."""
    journal = open_journal(to)
    first = bind(EMPTY, [started(1)])
    records = [first, *denials(first, size - 1, f"text {size} " * 6)]
    for at in range(0, size, 7):
        await journal.append(records[at : at + 7])
    await journal.close()
    return records


async def grow(work: Path, records: list[Record]) -> None:
    """A process opens it, appends and closes, or the file is packed anew: sound in another way."""
    journal = open_journal(work)
    await journal.append(denials(records[-1], 3, "grown"))
    await journal.close()


def run(count: int, seed: int, log: Callable[[str], None] = lambda line: None) -> Counter[str]:
    """Tamper so often, and let as many sound ones pass; raises AssertionError. Returns how often each was done."""
    draw, done = Random(seed), Counter[str]()
    with tempfile.TemporaryDirectory(prefix="tamper-") as folder:
        root = Path(folder)
        samples = [(root / f"sound-{size}", asyncio.run(make(root / f"sound-{size}", size))) for size in SIZES]
        works = [copy_of(sound, root / f"work-{sound.name}") for sound, _ in samples]
        contents = [(sound / "journal.db").read_bytes() for sound, _ in samples]
        for number in range(count):
            index, edit = draw.randrange(len(samples)), draw.choice(EDITS)
            records, work = samples[index][1], works[index]
            (work / "journal.db").write_bytes(contents[index])
            expect_sound(work, f"{number}, before {edit.__name__}")
            bad = tamper(work, edit, records, draw)
            found = tools.verify(work)
            about = f"{number}: {edit.__name__} in {len(records)} records (seed {seed})"
            assert not found.intact, f"not found: {about}"
            assert found.first_bad_seq == bad, f"{about}: {bad} is bad, named is {found.first_bad_seq}: {found.message}"
            done[edit.__name__] += 1
            if number % 1000 == 999:
                log(f"{number + 1} tampered with and found, {number + 1} sound ones passed")
        for number, (sound, records) in enumerate(samples):
            grown = copy_of(sound, root / f"grown-{number}")
            asyncio.run(grow(grown, records))
            expect_sound(grown, "grown")
    return done


def tamper(work: Path, edit: Edit, records: list[Record], draw: Random) -> int | None:
    """Let one edit be made; returns the first bad record."""
    db = apsw.Connection(str(work / "journal.db"))
    db.pragma("journal_mode", "off")
    db.pragma("synchronous", "off")
    try:
        with db:
            return edit(db, records, draw)
    finally:
        db.close()


def expect_sound(work: Path, what: str) -> None:
    """A false alarm is a fault too."""
    found = tools.verify(work)
    assert found.intact and not found.warnings, f"false alarm, {what}: {found.message} {found.warnings}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    journals.WAL_PREALLOCATED = 0  # type: ignore[misc]
    done = run(options.count, options.seed, lambda line: print(line, flush=True))
    print(json.dumps(done, indent=2))


if __name__ == "__main__":
    main()
