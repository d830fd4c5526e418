"""Windows and all others: the monotonic clock that Python has everywhere."""

import time

from stopline.model.numbers import Nanos


class PortableBootClock:
    """Nanoseconds since some instant of this boot."""

    def elapsed(self) -> Nanos:
        """Return the elapsed time."""
        return time.monotonic_ns()

    def boot_id(self) -> str:
        """Return an empty string: there is no id of a boot."""
        return ""
