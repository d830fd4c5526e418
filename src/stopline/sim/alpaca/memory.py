"""The book in a file, so that a simulator that is killed goes on where it was.

It is written after every change, before the change is answered: to a file beside it, which
then takes its place. It is not fsynced: this survives a killed process, not a power cut.
"""

import os
from pathlib import Path

import msgspec

from stopline.sim.alpaca.book import Book


class MemoryLost(ValueError):
    """The file is there and cannot be read; the message says why."""


def load_book(path: Path) -> Book | None:
    """Return the book of a file, None where there is none; raises MemoryLost."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Book)
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError, msgspec.MsgspecError) as fault:
        raise MemoryLost(f"{path} is no book of this simulator ({fault}): name another file, or delete it") from None


def save_book(path: Path, book: Book) -> None:
    """Write the book; the file is whole at any moment."""
    beside = path.with_name(path.name + ".new")
    beside.write_bytes(msgspec.json.encode(book))
    os.replace(beside, path)
