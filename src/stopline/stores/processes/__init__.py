"""Processes of this machine, one file per operating system: when one began, and how to end it and no other.

A process id is given to another process once its own has ended. So a process is named by
its id and by when it began; whoever ends one compares both first.

Source     reliability.md 2.5 (F44).
"""

import os
import sys
from types import ModuleType

from msgspec import Struct


class ProcessLeft(Exception):
    """It was not ended; the message says why."""


class ProcessMark(Struct, frozen=True):
    """One process, and no later one with the same id. `began` is text to compare, empty where nobody knows."""

    pid: int
    began: str


def own_mark() -> ProcessMark:
    """Return the mark of this process."""
    return ProcessMark(os.getpid(), began(os.getpid()))


def began(pid: int) -> str:
    """Return when a process began, or an empty text where there is none (or nobody may know)."""
    return str(_system().began(pid)) if pid > 0 else ""


def is_running(mark: ProcessMark) -> bool:
    """Return whether this very process is still there."""
    return bool(mark.began) and began(mark.pid) == mark.began


def end(mark: ProcessMark) -> None:
    """End this very process at once, without a chance to clean up. Raises ProcessLeft."""
    if mark.pid == os.getpid():
        raise ProcessLeft(f"process {mark.pid} is this one")
    if not mark.began:
        raise ProcessLeft(f"nobody wrote down when process {mark.pid} began, so it could be another one by now")
    try:
        _system().end(mark)
    except ProcessLookupError:
        raise ProcessLeft(f"process {mark.pid} is gone") from None
    except PermissionError:
        raise ProcessLeft(f"process {mark.pid} belongs to somebody else: end it as its owner, or as root") from None


def _system() -> ModuleType:
    if sys.platform == "linux":
        from stopline.stores.processes import linux as system
    elif sys.platform == "win32":
        from stopline.stores.processes import windows as system
    else:
        from stopline.stores.processes import posix as system
    return system
