"""Where everything of one data directory lies."""

import os
from pathlib import Path

from msgspec import Struct


class Layout(Struct, frozen=True):
    """The files of a data directory."""

    root: Path

    @property
    def journal(self) -> Path:
        """The records, and the indexes made from them."""
        return self.root / "journal.db"

    @property
    def owner(self) -> Path:
        """Locked by the one process that runs on this directory."""
        return self.root / "owner.db"

    @property
    def owner_note(self) -> Path:
        """Who holds the lock, for people to read; the lock itself is what counts."""
        return self.root / "owner.json"

    @property
    def control_socket(self) -> Path:
        """Where the running process can be told to stop trading, beside HTTP."""
        return self.root / "control.sock"

    @property
    def control_note(self) -> Path:
        """Where that is to be found, and the secret where it is a port."""
        return self.root / "control.json"

    @property
    def last_run(self) -> Path:
        """How it was last run: by which settings, and where it listened."""
        return self.root / "last_run.json"

    @property
    def anchor(self) -> Path:
        """The highest head ever seen, outside SQLite."""
        return self.root / "anchor.json"

    @property
    def distrust(self) -> Path:
        """What a process leaves behind for the next one to verify first; mostly not there."""
        return self.root / "distrust.json"

    @property
    def ballast(self) -> Path:
        """Holds nothing but room on the disk."""
        return self.root / "ballast.bin"

    @property
    def spool(self) -> Path:
        """Where records go while the journal takes none, unless the settings name another place."""
        return self.root / "spool.bin"

    @property
    def snapshots(self) -> Path:
        """A directory: one file per snapshot."""
        return self.root / "snapshots"

    @property
    def projections(self) -> Path:
        """The tables that people query; may be deleted at any time."""
        return self.root / "projections.db"

    def databases(self) -> tuple[Path, ...]:
        """Return the SQLite files."""
        return (self.journal, self.owner, self.projections)


def create_private(path: Path) -> None:
    """Create an empty file that only its owner may read, if there is none.

    SQLite gives the files beside it (-wal, -shm) the same permissions.
    """
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        return
    sync_directory(path.parent)


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file so that after a crash there is either the old one or the new one, whole."""
    fresh = path.with_name(path.name + ".new")
    write_private(fresh, content, sync=True)
    fresh.replace(path)
    sync_directory(path.parent)


def write_private(path: Path, content: bytes, *, sync: bool = False) -> None:
    """Write a file that only its owner may read."""
    descriptor = os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        if sync:
            file.flush()
            os.fsync(file.fileno())


def sync_directory(directory: Path) -> None:
    """Make the names in a directory durable (Windows has no such call and needs none)."""
    if os.name == "nt":
        return
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
