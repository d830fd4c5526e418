"""A process is known by its id and its beginning, and no other is ever ended in its place."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from stopline.stores import processes
from stopline.stores.processes import ProcessLeft, ProcessMark

TIMEOUT_S = 60


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    """Start a process that waits for the end of its stdin."""
    with subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE) as started:
        yield started
        started.kill()


def test_a_process_is_there_until_it_has_ended(child):
    mark = ProcessMark(child.pid, processes.began(child.pid))
    assert mark.began and processes.is_running(mark)
    assert processes.began(child.pid) == mark.began, "it began once"
    child.kill()
    child.wait(TIMEOUT_S)
    assert not processes.is_running(mark)


def test_our_own_mark():
    assert processes.own_mark() == ProcessMark(os.getpid(), processes.began(os.getpid()))
    assert processes.is_running(processes.own_mark())


def test_ends_the_one_that_is_meant(child):
    processes.end(ProcessMark(child.pid, processes.began(child.pid)))
    assert child.wait(TIMEOUT_S) != 0


def test_never_another_one_that_got_its_id(child):
    """The note names a process that is gone; its id belongs to somebody else now."""
    with pytest.raises(ProcessLeft, match="another one by now"):
        processes.end(ProcessMark(child.pid, processes.began(child.pid) + "0"))
    assert child.poll() is None


def test_never_one_of_unknown_beginning(child):
    with pytest.raises(ProcessLeft, match="nobody wrote down when"):
        processes.end(ProcessMark(child.pid, ""))
    assert child.poll() is None


def test_not_ourselves():
    with pytest.raises(ProcessLeft, match="is this one"):
        processes.end(processes.own_mark())


def test_one_that_is_gone(child):
    mark = ProcessMark(child.pid, processes.began(child.pid))
    child.kill()
    child.wait(TIMEOUT_S)
    with pytest.raises(ProcessLeft, match=r"gone|another one"):
        processes.end(mark)


@pytest.mark.skipif(sys.platform != "linux", reason="what the kernel says of a zombie is read on Linux only")
def test_one_that_has_ended_and_was_not_fetched_is_not_there(child):
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert processes.began(child.pid) == ""


@pytest.mark.skipif(os.name == "nt", reason="needs ps")
def test_ps_says_it_where_no_kernel_does(child):
    from stopline.stores.processes import posix

    began = posix.began(child.pid)
    assert began.split()[0] in ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    with pytest.raises(ProcessLeft):
        posix.end(ProcessMark(child.pid, "Mon Jan  1 00:00:00 1990"))
    assert child.poll() is None
    posix.end(ProcessMark(child.pid, began))
    assert child.wait(TIMEOUT_S) != 0
