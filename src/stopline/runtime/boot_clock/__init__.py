"""The clock that nobody can step, one file per operating system.

It counts while the machine sleeps, so that a lockout ends on time after a laptop was
shut; where a system has no such clock, the sleep shows as a step of the wall clock.
"""

import sys

from stopline.ports.clock import BootClock


def system_boot_clock() -> BootClock:
    """Return this system's boot clock."""
    if sys.platform == "linux":
        from stopline.runtime.boot_clock.linux import LinuxBootClock

        return LinuxBootClock()
    if sys.platform == "darwin":
        from stopline.runtime.boot_clock.macos import MacBootClock

        return MacBootClock()
    from stopline.runtime.boot_clock.portable import PortableBootClock

    return PortableBootClock()
