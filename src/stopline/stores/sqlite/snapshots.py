"""Snapshots: one file each, written whole or not at all, each with a digest of its own.

They only save time. A damaged one, or one that does not belong to this journal, is
skipped with a warning; then more of the journal is replayed.
"""

import logging
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec

from stopline.ports.journal import JournalRefused, Snapshot
from stopline.stores.sqlite.failures import FAILED, FULL, NO_SPACE
from stopline.stores.sqlite.layout import write_atomically

MAGIC: Final = b"stopline snapshot 1\n"
KEPT: Final = 3
_SUFFIX: Final = ".snapshot"
_DIGEST: Final = 32

_log = logging.getLogger(__name__)

HashOf = Callable[[int], bytes | None]
"""The chain hash of a record, or None where the journal has no such record."""


def save(folder: Path, snapshot: Snapshot) -> Path:
    """Write a snapshot and drop all but the newest few; raises JournalRefused."""
    content = msgspec.msgpack.encode(snapshot)
    path = folder / f"{snapshot.seq:020d}{_SUFFIX}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        write_atomically(path, MAGIC + sha256(content).digest() + content)
        for old in newest_first(folder)[KEPT:]:
            old.unlink(missing_ok=True)
    except OSError as error:
        reason = FULL if error.errno in NO_SPACE else FAILED
        raise JournalRefused(reason, f"snapshot {snapshot.seq} was not kept: {error}") from error
    return path


def latest(folder: Path, hash_of: HashOf) -> Snapshot | None:
    """Return the newest snapshot that is intact and belongs to this journal."""
    for path in newest_first(folder):
        try:
            snapshot = read(path)
        except (OSError, ValueError) as error:
            _log.warning("%s is skipped: %s", path.name, error)
            continue
        if hash_of(snapshot.seq) == snapshot.hash:
            return snapshot
        _log.warning("%s is skipped: the journal has another record %d, or none", path.name, snapshot.seq)
    return None


def read(path: Path) -> Snapshot:
    """Return a file's snapshot; raises ValueError where it is damaged."""
    content = path.read_bytes()
    start = len(MAGIC) + _DIGEST
    if content[: len(MAGIC)] != MAGIC:
        raise ValueError("it is no snapshot")
    if content[len(MAGIC) : start] != sha256(content[start:]).digest():
        raise ValueError("it is damaged: its digest is another")
    return msgspec.msgpack.decode(content[start:], type=Snapshot)


def newest_first(folder: Path) -> list[Path]:
    """Return the snapshot files."""
    return sorted(folder.glob(f"[0-9]*{_SUFFIX}"), reverse=True)
