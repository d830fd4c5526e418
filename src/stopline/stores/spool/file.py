"""The spool's file: 16 MiB that exist before they are needed, written in place, synced before `append` returns.

Source     reliability.md section 2.1 (emergency path), F06, F07; architecture.md promise 6.
"""

import asyncio
import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, TypeVar

from stopline.ports.journal import Record
from stopline.ports.spool import Spool, SpoolBusy, SpoolDamaged, SpoolError, SpoolLost, SpoolRefused
from stopline.stores.spool import blocks
from stopline.stores.spool.sole import Taken, hold_alone
from stopline.stores.sqlite.failures import NO_SPACE
from stopline.stores.sqlite.layout import sync_directory

SPOOL_BYTES: Final = 16 * 2**20
_BINARY: Final = getattr(os, "O_BINARY", 0)
T = TypeVar("T")


class NoRoom(SpoolError):
    """The disk has no room for a spool: Stopline can run, but exits wait when the journal refuses."""


class FileSpool(Spool):
    """An open spool. Made by `open_spool`."""

    def __init__(
        self, path: Path, descriptor: int, size: int, found: blocks.Found, on_lost: Callable[[str], None]
    ) -> None:
        self._on_lost = on_lost
        self.torn = found.torn
        self._path, self._descriptor, self._size = path, descriptor, size
        self._generation, self._count, self._end = found.generation, found.count, found.end
        self._records = list(found.records)
        self._lost: SpoolLost | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="spool")
        """One thread, and nobody else's: a disk that hangs must hold up nothing but the spool."""

    def records(self) -> tuple[Record, ...]:
        """Return what it holds."""
        return tuple(self._records)

    async def append(self, records: Sequence[Record]) -> None:
        """Write an entry in place and sync it."""
        if not records:
            return
        entry = blocks.encode_entry(self._generation, self._count, records)
        if self._end + len(entry) > self._size:
            raise SpoolRefused(f"the spool {self._path} is full; it is emptied once the journal takes records again")
        await self._do(lambda: self._write(entry, self._end))
        self._records += records
        self._count, self._end = self._count + 1, self._end + len(entry)

    async def clear(self) -> None:
        """Begin the next generation: what is there is nobody's any more."""
        generation = self._generation + 1
        header, used = blocks.encode_header(generation), self._end - blocks.BEGIN
        try:
            await self._do(lambda: self._write(header, blocks.slot_of(generation)))
            await self._do(lambda: self._write(bytes(used), blocks.BEGIN))
        except SpoolRefused as error:
            raise SpoolLost(f"the spool {self._path} could not be emptied: {error}") from error
        self._generation, self._count, self._end = generation, 0, blocks.BEGIN
        self._records = []

    async def close(self) -> None:
        """Let go of the file."""
        if self._descriptor >= 0:
            await self._do(self._close)
            self._thread.shutdown()

    async def _do(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _write(self, content: bytes, at: int) -> None:
        if self._lost is not None:
            raise self._lost
        try:
            write_at(self._descriptor, content, at)
        except OSError as error:
            raise SpoolRefused(f"the spool {self._path} takes nothing: {error}") from error
        try:
            sync(self._descriptor)
        except OSError as error:
            self._lost = SpoolLost(
                f"the disk did not confirm a write to the spool {self._path} (fsync failed: {error}). Nobody knows "
                "what is on disk. Stop, look after the disk, start again."
            )
            self._on_lost(str(self._lost))
            raise self._lost from error

    def _close(self) -> None:
        descriptor, self._descriptor = self._descriptor, -1
        os.close(descriptor)


def open_spool(path: Path, size: int | None = None, on_lost: Callable[[str], None] = lambda reason: None) -> FileSpool:
    """Open a spool, or set one aside; raises NoRoom, SpoolBusy, SpoolDamaged or SpoolError.

    `on_lost` hears, on the spool's thread, of an fsync that failed.
    """
    size = SPOOL_BYTES if size is None else size
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | _BINARY, 0o600)
    except OSError as error:
        raise _unopened(path, error) from error
    try:
        hold_alone(descriptor)
        found = _found(path, descriptor, size)
        return FileSpool(path, descriptor, max(size, os.fstat(descriptor).st_size), found, on_lost)
    except BaseException as error:
        os.close(descriptor)
        if isinstance(error, Taken):
            raise SpoolBusy(f"the spool {path} is in use by another process: give each its own") from error
        if isinstance(error, OSError):
            raise _unopened(path, error) from error
        raise


def _found(path: Path, descriptor: int, size: int) -> blocks.Found:
    """Return what the file holds, set aside whole."""
    if os.fstat(descriptor).st_size < size:
        set_aside(descriptor, size)
        sync_directory(path.parent)
    try:
        found = blocks.read(read_all(descriptor))
    except blocks.Damage as damage:
        raise SpoolDamaged(
            f"the spool {path} is damaged: {damage}. Cancels and exits recorded in it may be at the broker and not "
            "in the journal. Keep the file for whoever looks into it, move it away and start again: orders of ours "
            "that nobody here knows are then found at the broker and named."
        ) from damage
    if found is None:
        found = blocks.Found(generation=1)
        write_at(descriptor, blocks.encode_header(1), blocks.slot_of(1))
        sync(descriptor)
    return found


def _unopened(path: Path, error: OSError) -> SpoolError:
    if error.errno in NO_SPACE:
        return NoRoom(f"the disk is too full to set aside the spool {path}: {error}")
    return SpoolError(f"the spool {path} cannot be opened: {error}")


def set_aside(descriptor: int, size: int) -> None:
    """Reserve a file's blocks, zeros where nothing was written yet; raises OSError."""
    present = os.fstat(descriptor).st_size
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(descriptor, 0, size)
    else:
        for at in range(present, size, 2**20):
            write_at(descriptor, bytes(min(2**20, size - at)), at)
    os.fsync(descriptor)


def read_all(descriptor: int) -> bytes:
    """Return a file's bytes."""
    os.lseek(descriptor, 0, os.SEEK_SET)
    parts = []
    while part := os.read(descriptor, 2**20):
        parts.append(part)
    return b"".join(parts)


def write_at(descriptor: int, content: bytes, at: int) -> None:
    """Write all of it; raises OSError."""
    os.lseek(descriptor, at, os.SEEK_SET)
    left = memoryview(content)
    while left:
        left = left[os.write(descriptor, left) :]


def sync(descriptor: int) -> None:
    """Return once the file's content is on the disk itself; raises OSError."""
    if sys.platform == "darwin":
        import fcntl

        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
    elif hasattr(os, "fdatasync"):
        os.fdatasync(descriptor)
    else:
        os.fsync(descriptor)
