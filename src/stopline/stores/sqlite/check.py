"""What must be true of the machine before a data directory is used, and how full its disk is.

Source     reliability.md F06, F10, S13.
"""

import os
import shutil
import stat
from pathlib import Path
from typing import Final

import apsw
from msgspec import Struct

from stopline.ports.journal import JournalError
from stopline.stores.sqlite.filesystem import network_filesystem
from stopline.stores.sqlite.layout import Layout

OLDEST_SQLITE: Final = (3, 51, 3)
"""From 3.7.0 to 3.51.2 a reset of the WAL can corrupt a database."""

FREE_PERCENT: Final = ((5, "CRITICAL"), (10, "ERROR"), (20, "WARNING"))
"""Alert when no more than this is free."""

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class Unsafe(JournalError):
    """The machine or the directory is not fit to keep a journal; the message says what would be right."""


class DiskFree(Struct, frozen=True):
    """How much of the disk under a directory is free. `severity` is empty while there is enough."""

    free_bytes: int
    total_bytes: int
    percent: int
    severity: str


def check_all(layout: Layout) -> None:
    """Make the directory if need be, and refuse what could lose or show its contents; raises Unsafe."""
    check_sqlite(apsw.sqlite_lib_version())
    prepare_directory(layout)
    check_filesystem(layout.root)


def check_sqlite(version: str) -> None:
    """Refuse a SQLite library with the WAL-reset corruption; raises Unsafe."""
    numbers = tuple(int(part) for part in version.split(".")[:3])
    if numbers < OLDEST_SQLITE:
        wanted = ".".join(str(number) for number in OLDEST_SQLITE)
        raise Unsafe(
            f"apsw is linked with SQLite {version}, which can corrupt a journal; {wanted} or newer is needed. "
            "Install apsw from its wheel: `pip install --force-reinstall --only-binary apsw apsw`."
        )


def check_filesystem(directory: Path) -> None:
    """Refuse a network filesystem, where locks and fsync cannot be relied on; raises Unsafe."""
    kind = network_filesystem(directory)
    if kind:
        raise Unsafe(
            f"{directory} is on a network filesystem ({kind}), where locks and fsync do not hold what they "
            "promise. Use a directory on a local disk: --data-dir."
        )


def prepare_directory(layout: Layout) -> None:
    """Make the directory for us alone, or refuse one that others may look into; raises Unsafe."""
    root = layout.root
    try:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        if os.name == "nt":
            return
        if _is_loose(root) and not any(root.iterdir()):
            root.chmod(0o700)
    except OSError as error:
        reason = "it is a file, and no directory" if root.is_file() else error.strerror or error
        raise Unsafe(f"{root} cannot be used: {reason}. Name another directory: --data-dir.") from error
    _refuse_loose(root, "700")
    for path in layout.databases():
        for file in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
            if file.exists():
                _refuse_loose(file, "600")


def disk_free(directory: Path) -> DiskFree:
    """Return how full the disk is."""
    usage = shutil.disk_usage(directory)
    percent = usage.free * 100 // usage.total if usage.total else 0
    return DiskFree(usage.free, usage.total, percent, severity_of(percent))


def severity_of(percent: int) -> str:
    """Return how bad it is that only this much is free."""
    return next((severity for limit, severity in FREE_PERCENT if percent <= limit), "")


def _is_loose(path: Path) -> bool:
    return bool(path.stat().st_mode & _OTHERS)


def _refuse_loose(path: Path, mode: str) -> None:
    if _is_loose(path):
        raise Unsafe(
            f"{path} can be read or changed by others (mode {stat.S_IMODE(path.stat().st_mode):o}). "
            f"It holds orders, positions and limits: chmod {mode} {path}"
        )
