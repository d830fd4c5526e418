"""Power cuts of a journal at work: many images of what the disk may hold, each opened and read.

    python -m tests.power_loss --images 5000 --seed N

The work is logged below SQLite (faulty_disk.py); each image (power_cut.py) keeps what was synced, and of the rest any
part in any order, torn at sectors. Three controls show that it can fail: the same work with `synchronous` OFF must be
seen to corrupt, with NORMAL to lose what was acked, and with FULL on a disk that only pretends to sync, to lose too.

Source     reliability.md F05, G5, I12, I17, I18.
"""

import argparse
import asyncio
import logging
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from shutil import rmtree
from unittest.mock import patch

from stopline.ports.journal import JournalError
from stopline.stores.sqlite import connect, writer
from stopline.stores.sqlite import journal as journals
from stopline.stores.sqlite.journal import open_journal
from tests.faulty_disk import FaultyDisk, Op
from tests.journals import EMPTY, denials
from tests.power_cut import image, write_image

BATCHES = [1, 3, 9, 1, 2, 14, 1, 1, 5, 20, 2, 7]
RECORDS = denials(EMPTY, sum(BATCHES), "x" * 300)
ENDS = {sum(BATCHES[:number]) for number in range(len(BATCHES) + 1)}
"""Where a batch ends: a journal may end nowhere else."""


LEVELS = {"full": 2, "normal": 1, "off": 0}


@contextmanager
def small_wal() -> Iterator[None]:
    """Checkpoints and a WAL that starts over, several times in the work; no zeros that the log does not know of."""
    with patch.object(writer, "WAL_PAGES", 15), patch.object(journals, "WAL_PREALLOCATED", 0):
        yield


@contextmanager
def synchronous(level: str) -> Iterator[None]:
    """Write as durably as that, and no more."""
    weaker = tuple(
        ("synchronous", level, LEVELS[level]) if pragma[0] == "synchronous" else pragma
        for pragma in connect.WRITER_PRAGMAS
    )
    with patch.object(journals, "WRITER_PRAGMAS", weaker):
        yield


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


async def cut_often(
    log: list[Op], acks: list[tuple[int, int]], to: Path, images: int, seed: int = 20130520
) -> Counter[str]:
    """Cut the power at random moments; count how it ended."""
    chance = Random(seed)
    ended: Counter[str] = Counter()
    for number in range(images):
        until = chance.randrange(1, len(log) + 1)
        acked = max(seq for requests, seq in acks if requests <= until)
        ended[await outcome(image(log, until, chance), acked, to / str(number))] += 1
        rmtree(to / str(number))
    return ended


def lied(log: list[Op], acks: list[tuple[int, int]]) -> tuple[list[Op], list[tuple[int, int]]]:
    """Return the same work on a disk whose every sync says yes and does nothing, as under eatmydata."""
    unsynced = [op for op in log if op.what != "sync"]
    moments = [sum(op.what != "sync" for op in log[:requests]) for requests, _ in acks]
    return unsynced, [(moment, seq) for moment, (_, seq) in zip(moments, acks, strict=True)]


async def campaign(images: int, seed: int) -> dict[str, Counter[str]]:
    """Cut so often, and a tenth so often for each control; returns how each ended."""
    found: dict[str, Counter[str]] = {}
    with tempfile.TemporaryDirectory(prefix="power-") as name, small_wal():
        folder = Path(name)
        for each in (*LEVELS, "lied"):
            (folder / f"cut-{each}").mkdir()
        for level in LEVELS:
            with synchronous(level):
                log, acks = await work(folder / f"work-{level}")
            many = images if level == "full" else images // 10
            found[level] = await cut_often(log, acks, folder / f"cut-{level}", many, seed)
            if level == "full":
                found["full, a disk that lies"] = await cut_often(
                    *lied(log, acks), folder / "cut-lied", images // 10, seed
                )
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    logging.disable(logging.WARNING)  # each image lacks its anchor, and says so
    began = time.process_time()
    found = asyncio.run(campaign(options.images, options.seed))
    for what, ended in found.items():
        print(f"synchronous={what}: {dict(ended)}")
    print(f"{time.process_time() - began:.0f} s of CPU time, seed {options.seed}")
    as_it_must = (
        set(found["full"]) == {"holds"}
        and found["normal"]["lost"]
        and not found["normal"]["corrupt"]
        and found["off"]["corrupt"]
        and found["full, a disk that lies"]["lost"] + found["full, a disk that lies"]["corrupt"]
    )
    raise SystemExit(0 if as_it_must else 1)


if __name__ == "__main__":
    main()
