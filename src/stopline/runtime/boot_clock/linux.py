"""Linux: CLOCK_BOOTTIME, and the kernel's own id of this boot."""

import time
from pathlib import Path

from stopline.model.numbers import Nanos

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class LinuxBootClock:
    """Nanoseconds since boot, sleep included."""

    def elapsed(self) -> Nanos:
        """Return the elapsed time."""
        return time.clock_gettime_ns(_CLOCK)

    def boot_id(self) -> str:
        """Return the kernel's id of this boot, or an empty string where it tells none."""
        try:
            return BOOT_ID.read_text(encoding="ascii").strip()
        except OSError:
            return ""
