"""Windows: the creation time of a process, read and ended through one handle, which keeps its id from being reused."""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from stopline.stores.processes import ProcessLeft, ProcessMark

TERMINATE, QUERY_LIMITED = 0x0001, 0x1000
STILL_ACTIVE = 259


def began(pid: int) -> str:
    """Return the creation time of a process, in 100 ns since 1601; nothing for one that has ended."""
    with _opened(pid, QUERY_LIMITED) as (kernel, handle):
        return _creation(kernel, handle) if handle else ""


def end(mark: ProcessMark) -> None:
    """Terminate it, if it is still the same."""
    with _opened(mark.pid, QUERY_LIMITED | TERMINATE) as (kernel, handle):
        if not handle:
            raise ProcessLeft(f"process {mark.pid} is gone, or belongs to somebody else")
        if _creation(kernel, handle) != mark.began:
            raise ProcessLeft(f"process {mark.pid} is another one by now")
        if not kernel.TerminateProcess(handle, 1):
            raise PermissionError


@contextmanager
def _opened(pid: int, access: int) -> Iterator[tuple[Any, Any]]:
    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009  (not there elsewhere)
    kernel.OpenProcess.restype = ctypes.c_void_p
    handle = ctypes.c_void_p(kernel.OpenProcess(access, False, pid))
    try:
        yield kernel, handle
    finally:
        if handle:
            kernel.CloseHandle(handle)


def _creation(kernel: Any, handle: Any) -> str:
    code = ctypes.c_ulong()
    if not kernel.GetExitCodeProcess(handle, ctypes.byref(code)) or code.value != STILL_ACTIVE:
        return ""
    times = [ctypes.c_ulonglong() for _ in range(4)]
    if not kernel.GetProcessTimes(handle, *(ctypes.byref(each) for each in times)):
        return ""
    return str(times[0].value)
