"""Arms a point in this process: where it is passed for the nth time, the process says so and kills itself.

The production code is wrapped from outside, before anything of it runs.
"""

import importlib
import inspect
import os
import signal
from collections.abc import Callable
from functools import wraps
from itertools import count
from pathlib import Path
from typing import Any, NoReturn

import apsw

from tests.failpoints.points import BARRED, BEGINS, Point

Pass = Callable[[], None]
WARM_APPROVALS = 3


def arm(point: Point, nth: int, say: Callable[[], None]) -> None:
    """Arm one point; `say` tells the test that it was reached. Most passes count once enough was approved."""
    seen = count(1)
    is_warm = (lambda: True) if point.scene in (*BEGINS, *BARRED) else _trade_counter()

    def passed() -> None:
        if is_warm() and next(seen) == nth:
            say()
            die()

    {"call": _arm_call, "record": _arm_record, "disk": _arm_disk}[point.kind](point, passed)


def _trade_counter() -> Callable[[], bool]:
    """Return what says whether this process has approved enough orders to be called trading."""
    from stopline.runtime.commit import Committer

    def add(self: Any, said: Any, is_lazy: bool = False) -> None:
        nonlocal approved
        approved += sum(type(event).__name__ == "OrderApproved" for event in said.events)
        honest(self, said, is_lazy)

    approved, honest = 0, Committer.add
    Committer.add = add  # type: ignore[method-assign]
    return lambda: approved >= WARM_APPROVALS


def die() -> NoReturn:
    """End this process as `kill -9` does, from whichever thread."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("a killed process went on")


# --- a function ----------------------------------------------------------------------------------


def _arm_call(point: Point, passed: Pass) -> None:
    holder, name = find(point.at)
    setattr(holder, name, wrapped(getattr(holder, name), point.moment, passed))


def find(at: str) -> tuple[Any, str]:
    """Return what holds a function, and its name there; raises AttributeError where there is no such function."""
    module, _, path = at.partition(":")
    holder: Any = importlib.import_module(module)
    *outer, name = path.split(".")
    for each in outer:
        holder = getattr(holder, each)
    getattr(holder, name)
    return holder, name


def wrapped(work: Any, moment: str, passed: Pass) -> Any:
    """Return a function that is the same, and passes the point."""
    is_before = moment == "before"
    if inspect.iscoroutinefunction(work):

        @wraps(work)
        async def wait(*args: Any, **options: Any) -> Any:
            if is_before:
                passed()
            result = await work(*args, **options)
            if not is_before:
                passed()
            return result

        return wait

    @wraps(work)
    def call(*args: Any, **options: Any) -> Any:
        if is_before:
            passed()
        result = work(*args, **options)
        if not is_before:
            passed()
        return result

    return call


# --- a record ------------------------------------------------------------------------------------


def _arm_record(point: Point, passed: Pass) -> None:
    """Pass the point with each record that says the event."""
    from stopline.runtime.commit import Committer
    from stopline.runtime.publish import Publisher

    name, _, key = point.at.partition(" ")

    def says(said: Any) -> bool:
        return any(type(event).__name__ == name and getattr(event, "key", "") in (key, "") for event in said.events)

    def add(self: Any, said: Any, is_lazy: bool = False) -> None:
        honest_add(self, said, is_lazy)
        if point.moment == "stepped" and says(said):
            passed()

    def publish(self: Any, durable: list[Any]) -> None:
        found = any(says(said) for said in durable)
        if found and point.moment == "durable":
            passed()
        honest_publish(self, durable)
        if found and point.moment == "said":
            passed()

    honest_add, honest_publish = Committer.add, Publisher.publish
    Committer.add, Publisher.publish = add, publish  # type: ignore[method-assign]


# --- the disk ------------------------------------------------------------------------------------


def _arm_disk(point: Point, passed: Pass) -> None:
    """Pass the point with each such request of SQLite to such a file."""
    file, what = point.at.split()
    disk = _Disk(file, what, point.moment, passed)
    disks.append(disk)
    apsw.set_default_vfs("failpoints")


disks: list["_Disk"] = []
"""Kept, for SQLite calls them as long as the process lives."""


class _Disk(apsw.VFS):
    def __init__(self, file: str, what: str, moment: str, passed: Pass) -> None:
        self.file, self.what, self.moment, self.passed = file, what, moment, passed
        self.base = apsw.vfs_names()[0]
        super().__init__("failpoints", self.base)

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:
        return _File(self, name, flags)


class _File(apsw.VFSFile):
    def __init__(self, disk: _Disk, name: Any, flags: list[int]) -> None:
        filename = name.filename() if isinstance(name, apsw.URIFilename) else name
        self._disk = disk
        self._is_meant = bool(filename) and Path(filename).name == disk.file
        super().__init__(disk.base, name, flags)

    def _at(self, what: str, moment: str) -> None:
        disk = self._disk
        if self._is_meant and (what, moment) == (disk.what, disk.moment):
            disk.passed()

    def xWrite(self, data: bytes, offset: int) -> None:
        self._at("write", "before")
        super().xWrite(data, offset)
        self._at("write", "after")

    def xSync(self, flags: int) -> None:
        self._at("sync", "before")
        super().xSync(flags)
        self._at("sync", "after")
