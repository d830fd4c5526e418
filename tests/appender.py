"""A program that takes a data directory and appends to its journal, saying aloud what was acknowledged.

    python -m tests.appender DIR [--count N] [--batch N] [--hold]

It prints `open SEQ`, `acked SEQ` after each batch, `refused REASON` (and goes on after a moment),
`lost` (and ends at once with 3, as Stopline does), `busy`, `corrupt SEQ` or `unopened` where it cannot open.
"""

import argparse
import asyncio
import os
import sys
from pathlib import Path

from stopline.ports.journal import JournalBusy, JournalCorrupt, JournalError, JournalRefused
from stopline.stores.sqlite.journal import open_journal
from tests.journals import denials

REFUSED, LOST, BUSY, CORRUPT, UNOPENED = 4, 3, 5, 6, 7


def say(*words: object) -> None:
    """Print a line in one write: a kill leaves all of it, or nothing."""
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


async def append(data_dir: Path, count: int, batch: int, hold: bool, padding: int) -> int:
    try:
        journal = open_journal(data_dir)
    except JournalBusy as error:
        say("busy", error)
        return BUSY
    except JournalCorrupt as error:
        say("corrupt", error.seq, error)
        return CORRUPT
    except JournalError as error:
        say("unopened", error)
        return UNOPENED
    say("open", journal.head().seq)
    while hold:
        await asyncio.sleep(60)
    for _ in range(count):
        try:
            await journal.append(denials(journal.head(), batch, "x" * padding))
        except JournalRefused as error:
            say("refused", error.reason, error)
            return REFUSED
        except JournalError as error:
            say("lost", error)
            os._exit(LOST)
        say("acked", journal.head().seq)
    await journal.close()
    say("closed")
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("data_dir", type=Path)
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--batch", type=int, default=3)
    parser.add_argument("--padding", type=int, default=10)
    parser.add_argument("--hold", action="store_true")
    asked = parser.parse_args()
    sys.exit(asyncio.run(append(asked.data_dir, asked.count, asked.batch, asked.hold, asked.padding)))
