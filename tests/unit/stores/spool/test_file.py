"""The spool's file: set aside before it is needed, alone, private, and honest about what the disk says."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from stopline.ports.spool import SpoolBusy, SpoolDamaged, SpoolError, SpoolLost, SpoolRefused
from stopline.stores.spool import NoRoom, blocks, file, open_spool
from stopline.stores.spool.blocks import BEGIN
from tests.architecture.source import ROOT
from tests.journals import EMPTY, denials

SMALL = 2**17
WHOLE = 16 * 2**20
RECORDS = denials(EMPTY, 6)
posix = pytest.mark.skipif(os.name == "nt", reason="POSIX only")


async def test_it_is_set_aside_whole_and_for_its_owner_only(tmp_path: Path):
    spool = open_spool(tmp_path / "spool.bin", WHOLE)
    found = (tmp_path / "spool.bin").stat()
    await spool.close()
    assert found.st_size == WHOLE
    if os.name != "nt":
        assert found.st_blocks * 512 >= WHOLE, "its blocks are there before they are needed"
        assert found.st_mode & 0o777 == 0o600


async def test_it_never_grows(tmp_path: Path):
    spool = open_spool(tmp_path / "spool.bin", SMALL)
    with pytest.raises(SpoolRefused):
        for _ in range(1_000):
            await spool.append(RECORDS)
    await spool.close()
    assert (tmp_path / "spool.bin").stat().st_size == SMALL


async def test_one_process_has_it(tmp_path: Path):
    spool = open_spool(tmp_path / "spool.bin", SMALL)
    with pytest.raises(SpoolBusy, match="give each its own"):
        open_spool(tmp_path / "spool.bin", SMALL)
    await spool.close()
    await open_spool(tmp_path / "spool.bin", SMALL).close()


WRITE_AND_DIE = """
import asyncio, os, sys
from pathlib import Path
from stopline.stores.spool import open_spool
from tests.journals import EMPTY, denials

async def run():
    spool = open_spool(Path(sys.argv[1]), 2**17)
    for record in denials(EMPTY, 5):
        await spool.append([record])
        print("acked", record.seq, flush=True)
    sys.stdin.readline()

asyncio.run(run())
"""


def write_and_die(path: Path) -> list[str]:
    """Let a process append, and kill it; return what it said was acknowledged."""
    with subprocess.Popen(
        [sys.executable, "-c", WRITE_AND_DIE, str(path)],
        cwd=ROOT, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        said = [process.stdout.readline() for _ in range(3)]
        process.kill()
    return said


async def test_what_was_acknowledged_survives_kill_9(tmp_path: Path):
    path = tmp_path / "spool.bin"
    assert write_and_die(path)[-1] == "acked 3\n"
    spool = open_spool(path, SMALL)
    seqs = [record.seq for record in spool.records()]
    assert seqs[:3] == [1, 2, 3]
    await spool.close()


async def test_damage_is_said_and_nothing_is_thrown_away(tmp_path: Path):
    path = tmp_path / "spool.bin"
    spool = open_spool(path, SMALL)
    await spool.append(RECORDS[:2])
    await spool.append(RECORDS[2:])
    await spool.close()
    content = bytearray(path.read_bytes())
    content[BEGIN + 100] ^= 1
    path.write_bytes(content)
    with pytest.raises(SpoolDamaged, match="move it away and start again"):
        open_spool(path, SMALL)
    assert path.read_bytes() == content


async def test_a_torn_end_is_said(tmp_path: Path):
    path = tmp_path / "spool.bin"
    spool = open_spool(path, SMALL)
    await spool.append(RECORDS[:2])
    await spool.close()
    entry = blocks.encode_entry(1, 1, RECORDS[2:])
    with path.open("r+b") as raw:
        raw.seek(BEGIN + len(blocks.encode_entry(1, 0, RECORDS[:2])))
        raw.write(entry[:700])
    again = open_spool(path, SMALL)
    assert (again.torn, again.records()) == (True, tuple(RECORDS[:2]))
    await again.append(RECORDS[2:])
    assert again.records() == tuple(RECORDS)
    await again.close()


@posix
async def test_where_the_system_takes_nothing_it_is_refused_and_the_rest_stays(tmp_path: Path):
    """A limit of the operating system: a real EFBIG."""
    import resource

    path = tmp_path / "spool.bin"
    spool = open_spool(path, SMALL)
    await spool.append(RECORDS[:1])
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (BEGIN + 512, before[1]))
    try:
        with pytest.raises(SpoolRefused, match="takes nothing"):
            await spool.append(RECORDS[1:])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert spool.records() == (RECORDS[0],)
    await spool.append(RECORDS[1:])
    await spool.close()
    again = open_spool(path, SMALL)
    assert again.records() == tuple(RECORDS)
    await again.close()


@pytest.mark.parametrize("when", ["append", "clear"])
async def test_a_failed_fsync_is_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str):
    """F07: never tried again, whatever the next fsync would say."""
    spool = open_spool(tmp_path / "spool.bin", SMALL)
    await spool.append(RECORDS[:1])

    def fails(descriptor: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(file, "sync", fails)
    with pytest.raises(SpoolLost, match="fsync failed"):
        await (spool.append(RECORDS[1:]) if when == "append" else spool.clear())
    monkeypatch.undo()
    with pytest.raises(SpoolLost):
        await spool.append(RECORDS[1:])
    await spool.close()


def test_a_disk_without_room_is_no_reason_not_to_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def full(descriptor: int, size: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(file, "set_aside", full)
    with pytest.raises(NoRoom, match="too full"):
        open_spool(tmp_path / "spool.bin", SMALL)


def test_a_place_that_is_none_is_said(tmp_path: Path):
    with pytest.raises(SpoolError, match="cannot be opened"):
        open_spool(tmp_path / "not" / "there" / "spool.bin", SMALL)


async def test_where_blocks_cannot_be_reserved_zeros_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delattr(os, "posix_fallocate", raising=False)
    spool = open_spool(tmp_path / "spool.bin", SMALL)
    await spool.append(RECORDS)
    await spool.close()
    assert (tmp_path / "spool.bin").stat().st_size == SMALL
    again = open_spool(tmp_path / "spool.bin", SMALL)
    assert again.records() == tuple(RECORDS)
    await again.close()


async def test_closing_twice_is_closing(tmp_path: Path):
    spool = open_spool(tmp_path / "spool.bin", SMALL)
    await spool.close()
    await spool.close()
