"""Room that nobody else can take, and that is let go of only for a start on a full disk."""

import errno
from pathlib import Path

import pytest

from stopline.stores import ballast
from stopline.stores.ballast import START_NEEDS, Ballast
from stopline.stores.sqlite.check import DiskFree

SIZE = 2**16


@pytest.fixture
def free(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many bytes are free, as a test says."""
    now = [10 * START_NEEDS]
    monkeypatch.setattr(ballast, "disk_free", lambda directory: DiskFree(now[0], 10**12, 50, ""))
    return now


def test_it_is_set_aside_whole_and_once(tmp_path: Path, free: list[int]):
    held = Ballast(tmp_path / "ballast.bin", SIZE)
    assert not held.is_there
    assert held.set_aside()
    found = (tmp_path / "ballast.bin").stat()
    assert (found.st_size, found.st_mode & 0o077) == (SIZE, 0)
    free[0] = 0
    assert held.set_aside(), "it is there already"


def test_where_there_is_no_room_it_is_not_set_aside(tmp_path: Path, free: list[int], monkeypatch: pytest.MonkeyPatch):
    held = Ballast(tmp_path / "ballast.bin", SIZE)
    free[0] = SIZE + START_NEEDS - 1
    assert not held.set_aside()
    assert not (tmp_path / "ballast.bin").exists()
    free[0] += 1

    def full(descriptor: int, size: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(ballast, "set_aside", full)
    assert not held.set_aside()
    assert not held.is_there


def test_it_is_let_go_of_only_on_a_full_disk(tmp_path: Path, free: list[int]):
    held = Ballast(tmp_path / "ballast.bin", SIZE)
    assert not held.release_if_full()
    held.set_aside()
    free[0] = START_NEEDS
    assert not held.release_if_full()
    free[0] -= 1
    assert held.release_if_full()
    assert not held.is_there
    assert not held.release_if_full(), "there is nothing left to let go of"


def test_half_of_one_is_made_whole(tmp_path: Path, free: list[int]):
    (tmp_path / "ballast.bin").write_bytes(b"x")
    held = Ballast(tmp_path / "ballast.bin", SIZE)
    assert not held.is_there
    assert held.set_aside()
    assert held.is_there
