"""macOS: CLOCK_MONOTONIC there counts sleep, unlike `time.monotonic`; it names no boot."""

import time

from stopline.model.numbers import Nanos

_CLOCK = getattr(time, "CLOCK_MONOTONIC", 0)


class MacBootClock:
    """Nanoseconds since boot, sleep included."""

    def elapsed(self) -> Nanos:
        """Return the elapsed time."""
        return time.clock_gettime_ns(_CLOCK)

    def boot_id(self) -> str:
        """Return an empty string: macOS has no id of a boot that never changes."""
        return ""
