"""One process per data directory: an exclusive transaction on `owner.db`, held for life.

The operating system drops it when the process ends, however it ends; so there is no stale
lock to remove. Works alike on Windows.
"""

import json
import os
from contextlib import suppress
from datetime import UTC, datetime

import apsw

from stopline.ports.journal import JournalBusy, JournalError
from stopline.stores.sqlite.connect import open_writer
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


def _write_note(layout: Layout) -> None:
    """Write down who we are, for the message that a second process gives. The lock does not depend on it."""
    note = {"pid": os.getpid(), "since": datetime.now(UTC).isoformat(timespec="seconds")}
    with suppress(OSError):
        write_private(layout.owner_note, (json.dumps(note) + "\n").encode())


def _taken(layout: Layout) -> str:
    try:
        note = json.loads(layout.owner_note.read_text(encoding="utf-8"))
        holder = f"process {note['pid']}, since {note['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        holder = "another process"
    return (
        f"{layout.root} is in use by {holder}. Two on one data directory would decide twice. "
        "Stop that one first, or give this one a directory of its own with --data-dir."
    )
