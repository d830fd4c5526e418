"""A disk that writes down what SQLite asks of it, and fails when told to: a shim between SQLite and the real one.

    with FaultyDisk() as disk:
        disk.fail_nth("sync", "journal.db-wal", 3, sync_failed)
        journal = open_journal(path)

It is SQLite's default filesystem while it is open; the code under test knows nothing of it.
"""

from collections.abc import Callable
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any

import apsw

_numbers = count()


def failure(kind: type[apsw.Error], code: int) -> Callable[[], apsw.Error]:
    """Return a maker of SQLite errors with this extended code."""

    def make() -> apsw.Error:
        error = kind("the disk said no")
        error.extendedresult = code
        error.result = code & 0xFF
        return error

    return make


sync_failed = failure(apsw.IOError, apsw.SQLITE_IOERR_FSYNC)
write_failed = failure(apsw.IOError, apsw.SQLITE_IOERR_WRITE)
read_failed = failure(apsw.IOError, apsw.SQLITE_IOERR_READ)
disk_full = failure(apsw.FullError, apsw.SQLITE_FULL)


class Op:
    """One thing that SQLite asked of the disk."""

    __slots__ = ("content", "file", "offset", "what")

    def __init__(self, what: str, file: str, offset: int = 0, content: bytes = b"") -> None:
        self.what, self.file, self.offset, self.content = what, file, offset, content

    def __repr__(self) -> str:
        return f"{self.what} {self.file} {self.offset}+{len(self.content)}"


class FaultyDisk(apsw.VFS):
    """Keeps a log of writes, syncs, truncations and deletions, and raises where it was told to."""

    def __init__(self) -> None:
        self.log: list[Op] = []
        self.rules: list[Callable[[Op], apsw.Error | None]] = []
        self.is_logging = True
        self._base = apsw.vfs_names()[0]
        self._name = f"faulty-{next(_numbers)}"
        super().__init__(self._name, self._base)

    def __enter__(self) -> "FaultyDisk":
        apsw.set_default_vfs(self._name)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        apsw.set_default_vfs(self._base)
        self.rules.clear()

    def fail_nth(self, what: str, file: str, nth: int, error: Callable[[], apsw.Error], times: int = 1) -> None:
        """From the `nth` matching request on (1 is the next), fail `times` of them."""
        seen = count(1)

        def rule(op: Op) -> apsw.Error | None:
            if op.what != what or not op.file.endswith(file):
                return None
            return error() if nth <= next(seen) < nth + times else None

        self.rules.append(rule)

    def heal(self) -> None:
        """Fail no more."""
        self.rules.clear()

    def ask(self, op: Op) -> None:
        """Write a request down; raise where a rule says so."""
        for rule in self.rules:
            error = rule(op)
            if error is not None:
                raise error
        if self.is_logging and op.what != "read":
            self.log.append(op)

    # --- what SQLite calls -----------------------------------------------------------------------

    def excepthook(self, *_: Any) -> None:
        """An error that we raise on purpose is no news."""

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:
        return _File(self, self._base, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:
        self.ask(Op("delete", Path(filename).name))
        super().xDelete(filename, syncdir)


class _File(apsw.VFSFile):
    def __init__(self, disk: FaultyDisk, base: str, name: Any, flags: list[int]) -> None:
        filename = name.filename() if isinstance(name, apsw.URIFilename) else name
        self._disk = disk
        self._file = Path(filename).name if filename else "temporary"
        super().__init__(base, name, flags)

    def excepthook(self, *_: Any) -> None:
        """An error that we raise on purpose is no news."""

    def xRead(self, amount: int, offset: int) -> bytes:
        self._disk.ask(Op("read", self._file, offset))
        return super().xRead(amount, offset)

    def xWrite(self, data: bytes, offset: int) -> None:
        self._disk.ask(Op("write", self._file, offset, bytes(data)))
        super().xWrite(data, offset)

    def xTruncate(self, newsize: int) -> None:
        self._disk.ask(Op("truncate", self._file, newsize))
        super().xTruncate(newsize)

    def xSync(self, flags: int) -> None:
        self._disk.ask(Op("sync", self._file))
        super().xSync(flags)
