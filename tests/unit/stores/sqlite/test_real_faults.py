"""The same faults by the operating system's own means: limits, a small disk, strace, kill, another process's lock."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from stopline.ports.journal import JournalBusy, JournalRefused
from stopline.stores import tools
from stopline.stores.sqlite.journal import open_journal
from tests.appender import BUSY, LOST, REFUSED, UNOPENED
from tests.architecture.source import ROOT
from tests.journals import denials

posix = pytest.mark.skipif(os.name == "nt", reason="POSIX only")


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "tests.appender", *map(str, arguments)]


def run(*arguments: object, before: tuple[str, ...] = ()) -> tuple[int, list[str]]:
    """Run the appender; return its exit code and what it said."""
    done = subprocess.run(
        [*before, *command(*arguments)], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout.splitlines()


def did(*words: object) -> bool:
    """Run a command; return whether it worked."""
    return subprocess.run([str(word) for word in words], capture_output=True, check=False).returncode == 0


@contextmanager
def running(*arguments: object) -> Iterator["subprocess.Popen[str]"]:
    """Start the appender, and end it for certain."""
    process = subprocess.Popen(command(*arguments), cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def lines(process: "subprocess.Popen[str]") -> Iterator[str]:
    """Return what it said; what a kill cut off was not said."""
    assert process.stdout is not None
    return (line.rstrip("\n") for line in process.stdout if line.endswith("\n"))


def last_acked(said: list[str]) -> int:
    return max((int(line.split()[1]) for line in said if line.startswith("acked ")), default=0)


async def assert_holds(data_dir: Path, acked: int) -> int:
    """Open, verify and extend what a dead process left; return where it ended."""
    journal = open_journal(data_dir)
    seq = journal.head().seq
    assert seq >= acked
    assert len(list(journal.read())) == seq
    await journal.append(denials(journal.head(), 1))
    await journal.close()
    found = tools.verify(data_dir)
    assert found.intact, found.message
    return seq


# --- kill ------------------------------------------------------------------------------------------


async def test_kill_9_loses_nothing_acked(tmp_path):
    """F01 to F04 at the store: at most the batch that was under way is there without its ack."""
    acked = 0
    for cycle in range(6):
        said: list[str] = []
        with running(tmp_path, "--batch", "3") as process:
            for line in lines(process):
                said.append(line)
                if len(said) > 3 + 17 * cycle:
                    break
            process.kill()
            said += lines(process)
        began = int(said[0].split()[1])
        assert began >= acked
        acked = last_acked(said)
        seq = await assert_holds(tmp_path, acked)
        assert seq <= acked + 3
        acked = seq + 1


# --- full disk ---------------------------------------------------------------------------------------


@posix
async def test_a_file_size_limit_refuses(tmp_path):
    """F06 by `ulimit -f`: SQLite says `disk I/O error`, errno says what it is."""
    limit = 4 * 2**20 + 2**16
    ulimit = ("bash", "-c", f'ulimit -f {limit // 1024}; exec "$@"', "bash")
    code, said = run(tmp_path, "--batch", "50", "--padding", "2000", before=ulimit)
    assert code == REFUSED, said
    assert said[-1].startswith("refused store_full ")
    assert last_acked(said) > 100
    await assert_holds(tmp_path, last_acked(said))


@posix
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="mounting needs root")
async def test_a_small_disk_refuses(tmp_path):
    """F06 on a real filesystem that is full."""
    small = tmp_path / "small"
    small.mkdir(mode=0o700)
    if not did("mount", "-t", "tmpfs", "-o", "size=5m,mode=0700", "tmpfs", small):
        pytest.skip("mount is not permitted here")
    try:
        code, said = run(small, "--batch", "50", "--padding", "2000")
        assert code == REFUSED, said
        assert said[-1].startswith("refused store_full ")
        journal = open_journal(small)
        assert len(list(journal.read())) >= last_acked(said), "a full disk can still be looked at"
        with pytest.raises(JournalRefused):
            await journal.append(denials(journal.head(), 50, "x" * 2000))
        await journal.close()
        saved = tmp_path / "saved"
        shutil.copytree(small, saved)
        await assert_holds(saved, last_acked(said))
    finally:
        assert did("umount", "-l", small)


# --- failed fsync --------------------------------------------------------------------------------------


def strace_works() -> bool:
    return shutil.which("strace") is not None and did(
        "strace", "-f", "-o", os.devnull, "-e", "inject=fdatasync:error=EIO:when=9999", "true"
    )


@posix
@pytest.mark.parametrize("nth", [1, 25])
async def test_a_failed_fdatasync_ends_the_process(tmp_path, nth):
    """F07 by strace: the nth fdatasync of a thread says EIO; the first strikes the opening, a late one a commit."""
    if not strace_works():
        pytest.skip("strace is absent or not permitted here")
    inject = ("strace", "-f", "-o", os.devnull, "-e", "trace=fdatasync", "-e", f"inject=fdatasync:error=EIO:when={nth}")
    code, said = run(tmp_path, "--batch", "3", "--count", "60", before=inject)
    assert code == (UNOPENED if nth == 1 else LOST), said
    await assert_holds(tmp_path, last_acked(said))


# --- two processes -------------------------------------------------------------------------------------


async def test_a_second_process_is_refused_and_told_why(tmp_path):
    with running(tmp_path, "--hold") as first:
        assert next(lines(first)) == "open 0"
        code, said = run(tmp_path, "--count", "1")
        assert code == BUSY
        assert f"process {first.pid}" in said[0]
        assert "--data-dir" in said[0]
        with pytest.raises(JournalBusy):
            open_journal(tmp_path)
        with pytest.raises(JournalBusy):
            tools.rebuild(tmp_path)
        assert tools.verify(tmp_path).intact, "looking is allowed"
    code, said = run(tmp_path, "--count", "1")
    assert (code, said[-1]) == (0, "closed"), "the lock died with its process"


async def test_the_same_process_cannot_open_it_twice(tmp_path):
    journal = open_journal(tmp_path)
    with pytest.raises(JournalBusy):
        open_journal(tmp_path)
    await journal.append(denials(journal.head(), 1))
    await journal.close()
    await open_journal(tmp_path).close()


LOCKER = """
import sys, apsw
connection = apsw.Connection(sys.argv[1])
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.readline()
connection.execute("ROLLBACK")
print("free", flush=True)
"""


@contextmanager
def locking(path: Path) -> Iterator["subprocess.Popen[str]"]:
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", LOCKER, str(path)], stdin=pipe, stdout=pipe, text=True) as locker:
        try:
            yield locker
        finally:
            locker.kill()


async def test_a_lock_held_by_another_process_is_a_refusal(tmp_path):
    """F08."""
    journal = open_journal(tmp_path)
    with locking(tmp_path / "journal.db") as locker:
        assert locker.stdin is not None
        assert locker.stdout is not None
        assert locker.stdout.readline() == "locked\n"
        with pytest.raises(JournalRefused) as caught:
            await journal.append(denials(journal.head(), 1))
        assert caught.value.reason == "store_locked"
        locker.stdin.write("go\n")
        locker.stdin.flush()
        assert locker.stdout.readline() == "free\n"
        await journal.append(denials(journal.head(), 1))
    assert journal.head().seq == 1
    await journal.close()
