"""One process per data directory: an exclusive transaction on `owner.db`, held for life.

The operating system drops it when the process ends, however it ends; so there is no stale
lock to remove. Works alike on Windows.
"""

import json
from contextlib import suppress
from datetime import UTC, datetime

import apsw
from msgspec import Struct

from stopline.ports.journal import JournalBusy, JournalError
from stopline.stores.processes import ProcessMark, own_mark
from stopline.stores.sqlite.connect import open_reader, open_writer
from stopline.stores.sqlite.failures import LOCKED, plain
from stopline.stores.sqlite.layout import Layout, create_private, write_private


class Ownership:
    """The data directory is ours until `release`."""

    def __init__(self, layout: Layout) -> None:
        """Take it; raises JournalBusy where another process has it."""
        self._layout = layout
        create_private(layout.owner)
        self._connection = open_writer(layout.owner)
        try:
            self._connection.execute("BEGIN EXCLUSIVE")
        except apsw.Error as error:
            self._connection.close()
            if plain(error) in LOCKED:
                raise JournalBusy(_taken(layout)) from error
            raise JournalError(f"{layout.owner} cannot be locked: {type(error).__name__}: {error}") from error
        _write_note(layout)

    def release(self) -> None:
        """Give the directory back."""
        self._layout.owner_note.unlink(missing_ok=True)
        self._connection.close()


class Holder(Struct, frozen=True):
    """Who holds a data directory, by the note that he left; `mark` is None where he left none."""

    mark: ProcessMark | None
    since: str = ""

    def __str__(self) -> str:
        """Name him, for people."""
        return "another process" if self.mark is None else f"process {self.mark.pid}, since {self.since}"


def find_holder(layout: Layout) -> Holder | None:
    """Return who holds the directory now, or None where nobody does. Raises JournalError."""
    if not layout.owner.exists():
        return None
    try:
        connection = open_reader(layout.owner)
    except apsw.Error as error:
        raise JournalError(f"{layout.owner} cannot be looked at: {type(error).__name__}: {error}") from error
    try:
        connection.execute("SELECT count(*) FROM sqlite_master")
    except apsw.Error as error:
        if plain(error) in LOCKED:
            return _read_note(layout)
        raise JournalError(f"{layout.owner} cannot be looked at: {type(error).__name__}: {error}") from error
    finally:
        connection.close()
    return None


def _write_note(layout: Layout) -> None:
    """Write down who we are, for a second process to name us, or to end us. The lock does not depend on it."""
    mark = own_mark()
    note = {"pid": mark.pid, "began": mark.began, "since": datetime.now(UTC).isoformat(timespec="seconds")}
    with suppress(OSError):
        write_private(layout.owner_note, (json.dumps(note) + "\n").encode())


def _read_note(layout: Layout) -> Holder:
    try:
        note = json.loads(layout.owner_note.read_text(encoding="utf-8"))
        return Holder(ProcessMark(int(note["pid"]), str(note.get("began", ""))), str(note["since"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return Holder(None)


def _taken(layout: Layout) -> str:
    return (
        f"{layout.root} is in use by {_read_note(layout)}. Two on one data directory would decide twice. "
        "Stop that one first, or give this one a directory of its own with --data-dir."
    )
