"""What a disk may hold after a power cut, made from the log of a FaultyDisk.

What was synced is there. Of what was written since, each request may be there, may be
missing, or (a write) may be there in part: any of its 512-byte sectors, in any order.
Names behave as on POSIX: the first sync of a new WAL or rollback journal syncs its directory
too (SQLite does that below the shim), and with it every deletion before.
"""

from pathlib import Path
from random import Random

from tests.faulty_disk import Op

SECTOR = 512


def image(log: list[Op], until: int, chance: Random) -> dict[str, bytes]:
    """Return the files after a cut behind the first `until` requests."""
    files: dict[str, bytearray] = {}
    pending: dict[str, list[Op]] = {}
    named: set[str] = set()
    for op in log[:until]:
        if op.what == "sync":
            for each in pending.pop(op.file, []):
                _carry_out(files, each)
            files.setdefault(op.file, bytearray())
            if op.file not in named and op.file.endswith(("-wal", "-journal")):
                _sync_names(files, pending)
            named.add(op.file)
        else:
            if op.what == "delete":
                named.discard(op.file)
            pending.setdefault(op.file, []).append(op)
    keep = chance.choice((0.0, 0.5, 0.5, 1.0))
    for file, ops in pending.items():
        files.setdefault(file, bytearray())
        for op in ops:
            if chance.random() < keep:
                _carry_out(files, _torn(op, chance))
    return {name: bytes(content) for name, content in files.items()}


def write_image(files: dict[str, bytes], to: Path) -> Path:
    """Put an image where a journal can be opened."""
    to.mkdir(mode=0o700)
    for name, content in files.items():
        if not name.startswith("owner"):
            (to / name).write_bytes(content)
            (to / name).chmod(0o600)
    return to


def _sync_names(files: dict[str, bytearray], pending: dict[str, list[Op]]) -> None:
    for file, ops in pending.items():
        deletions = [index for index, op in enumerate(ops) if op.what == "delete"]
        if deletions:
            files.pop(file, None)
            del ops[: deletions[-1] + 1]


def _carry_out(files: dict[str, bytearray], op: Op) -> None:
    if op.what == "delete":
        files.pop(op.file, None)
        return
    content = files.setdefault(op.file, bytearray())
    if op.what == "truncate":
        if op.offset < len(content):
            del content[op.offset :]
        else:
            content.extend(bytes(op.offset - len(content)))
        return
    if len(content) < op.offset:
        content.extend(bytes(op.offset - len(content)))
    content[op.offset : op.offset + len(op.content)] = op.content


def _torn(op: Op, chance: Random) -> Op:
    """Return a write of which only some sectors arrived; what is missing reads as zeros where nothing was before."""
    if op.what != "write" or chance.random() < 0.5:
        return op
    start = (op.offset // SECTOR) * SECTOR
    first = chance.randrange(start, op.offset + len(op.content) + 1, SECTOR)
    last = chance.randrange(start, op.offset + len(op.content) + 1, SECTOR)
    low, high = max(op.offset, min(first, last)), min(op.offset + len(op.content), max(first, last))
    return Op("write", op.file, low, op.content[low - op.offset : max(low, high) - op.offset])
