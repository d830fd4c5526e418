"""Linux: the kernel's own start tick of a process within this boot; ended through a descriptor of the process."""

import os
import signal
from pathlib import Path

from stopline.stores.processes import ProcessLeft, ProcessMark

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
START_TICK = 22 - 4
"""proc(5): field 22 of `stat`. The name may hold anything; behind it and the state comes field 4."""


def began(pid: int) -> str:
    """Return the boot and the tick in it at which a process began; nothing for one that has ended (a zombie too)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        boot = BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return ""
    state, *fields = stat.rpartition(") ")[2].split()
    return "" if state in "ZX" else f"{boot}:{fields[START_TICK]}"


def end(mark: ProcessMark) -> None:
    """Kill it. What the descriptor stands for cannot become another process between the look and the kill."""
    descriptor = os.pidfd_open(mark.pid)
    try:
        if began(mark.pid) != mark.began:
            raise ProcessLeft(f"process {mark.pid} is another one by now")
        signal.pidfd_send_signal(descriptor, signal.SIGKILL)
    finally:
        os.close(descriptor)
