"""Connections. Each pragma is a call of its own and is read back: several in one call stop at the first row."""

import logging
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import apsw

from stopline.stores.sqlite.failures import BUSY_MS, NO_SPACE

Pragma = tuple[str, str | int, str | int]
"""Name, what to set, what it must read back as."""

WRITER_PRAGMAS: tuple[Pragma, ...] = (
    ("journal_mode", "wal", "wal"),
    ("synchronous", "full", 2),
    ("wal_autocheckpoint", 0, 0),
    ("cache_size", -32_000, -32_000),
    ("temp_store", "memory", 2),
    *((("fullfsync", 1, 1), ("checkpoint_fullfsync", 1, 1)) if sys.platform == "darwin" else ()),
)
"""The journal's: in the WAL and synced before COMMIT returns; checkpoints only when we say so."""

REBUILDABLE_PRAGMAS: Final[tuple[Pragma, ...]] = (
    ("journal_mode", "wal", "wal"),
    ("synchronous", "normal", 1),
    ("temp_store", "memory", 2),
)
"""For what can be made again: consistent after a power cut, but perhaps a little behind."""


_log = logging.getLogger(__name__)


class PragmaRefused(Exception):
    """SQLite did not take a setting that durability rests on."""


def set_pragmas(connection: apsw.Connection, pragmas: Iterable[Pragma]) -> None:
    """Set each and read it back; raises PragmaRefused."""
    for name, value, expected in pragmas:
        connection.pragma(name, value)
        found = connection.pragma(name)
        if found != expected:
            raise PragmaRefused(f"SQLite answers {name}={found} where {expected} was asked for")


def open_writer(path: Path) -> apsw.Connection:
    """Open for writing. Closing never checkpoints: after a failed fsync that could make it worse."""
    connection = apsw.Connection(str(path))
    _harden(connection)
    return connection


def close_writer(connection: apsw.Connection) -> None:
    """Close after a checkpoint that moved everything; the last to close removes the emptied -wal and -shm."""
    connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0)
    connection.close()


def open_reader(path: Path) -> apsw.Connection:
    """Open an existing file for reading only."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    _harden(connection)
    connection.pragma("query_only", 1)
    return connection


def _harden(connection: apsw.Connection) -> None:
    connection.set_busy_timeout(BUSY_MS)
    connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
    connection.config(apsw.SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0)
    connection.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
    connection.pragma("cell_size_check", 1)


def preallocate_wal(path: Path, size: int) -> None:
    """Fill the WAL up with zeros to `size` (they are no frames): writing over them is cheaper to sync than growing.

    SQLite holds no locks on this file, so that opening it here is safe.
    """
    with path.with_name(path.name + "-wal").open("ab") as wal:
        missing = size - wal.tell()
        if missing <= 0:
            return
        try:
            wal.write(bytes(missing))
            wal.flush()
        except OSError as error:
            if error.errno not in NO_SPACE:
                raise
            _log.warning("the disk is nearly full: %s bytes of WAL could not be set aside", missing)
        os.fsync(wal.fileno())
