"""What an error of SQLite proves about a batch that was being appended.

Before COMMIT nothing of it can be in the journal: every error there, but a failed fsync, is a
refusal. During COMMIT only a failed *write for want of space* is: the commit frame is the
last one written, so it is not in the file, and a WAL without its commit frame ends before the
batch. Everything else at COMMIT (fsync, shared memory after the fsync, what we never saw)
leaves open what a restart will find: that is JournalLost, and the process must end.

A failed fsync is final wherever it happens: the kernel may have thrown the pages away and
call the next fsync a success.

Source     reliability.md F06 to F09; architecture.md promise 6.
"""

import errno
from typing import Final

import apsw

from stopline.ports.journal import JournalCorrupt, JournalError, JournalLost, JournalRefused

BUSY_MS: Final = 250
"""How long a lock held by someone else is waited for (reliability.md F08)."""

NO_SPACE: Final = frozenset(getattr(errno, name) for name in ("ENOSPC", "EDQUOT", "EFBIG") if hasattr(errno, name))
SYNC_FAILED: Final = frozenset({apsw.SQLITE_IOERR_FSYNC, apsw.SQLITE_IOERR_DIR_FSYNC})
DAMAGED: Final = frozenset({apsw.SQLITE_CORRUPT, apsw.SQLITE_NOTADB})
LOCKED: Final = frozenset({apsw.SQLITE_BUSY, apsw.SQLITE_LOCKED})

FULL: Final = "store_full"
HELD: Final = "store_locked"
FAILED: Final = "store_error"


def extended(error: apsw.Error) -> int:
    """Return SQLite's extended result code, or the plain one where there is no other."""
    return int(getattr(error, "extendedresult", 0) or getattr(error, "result", 0) or 0)


def plain(error: apsw.Error) -> int:
    """Return SQLite's result code without its extension."""
    return extended(error) & 0xFF


def is_damage(error: BaseException) -> bool:
    """Whether the file, and not the disk, is what is wrong."""
    return isinstance(error, apsw.Error) and plain(error) in DAMAGED


def is_failed_sync(error: BaseException) -> bool:
    """Whether an fsync has failed: nobody knows what is on disk."""
    return isinstance(error, apsw.Error) and extended(error) in SYNC_FAILED


def judge(error: BaseException, system_errno: int, *, committing: bool, seq: int) -> JournalError:
    """Return what an error while appending record `seq` and on means to the caller."""
    if not isinstance(error, apsw.Error):
        return _unproven(error, seq) if committing else _refused(FAILED, error, seq)
    code = extended(error)
    if code in SYNC_FAILED:
        return JournalLost(
            f"the disk did not confirm a write (fsync failed: {error}) at record {seq}. Nobody knows what is "
            "on disk. Stop, look after the disk, start again: the journal is verified then."
        )
    if is_damage(error):
        return JournalCorrupt(seq, f"the journal is damaged ({error}); seen while appending record {seq}")
    if plain(error) == apsw.SQLITE_FULL or (system_errno in NO_SPACE and _is_write(code, committing)):
        return _refused(FULL, error, seq)
    if committing:
        return _unproven(error, seq)
    if plain(error) in LOCKED:
        return _refused(HELD, error, seq)
    return _refused(FAILED, error, seq)


def _is_write(code: int, committing: bool) -> bool:
    """Whether a want of space struck the file itself, and not (after its fsync) the shared index."""
    return code == apsw.SQLITE_IOERR_WRITE or not committing


def _refused(reason: str, error: BaseException, seq: int) -> JournalRefused:
    advice = {
        FULL: "the disk is full: free some space; nothing else needs to be done",
        HELD: f"another program held the journal for more than {BUSY_MS} ms: let backups use a copy",
        FAILED: "the store refused it",
    }[reason]
    return JournalRefused(
        reason, f"{advice} ({type(error).__name__}: {error}); nothing from record {seq} on was written"
    )


def _unproven(error: BaseException, seq: int) -> JournalLost:
    return JournalLost(
        f"the commit of record {seq} ended in {type(error).__name__}: {error}, which does not prove "
        "whether it is on disk. Stop and start again: the journal is verified then."
    )
