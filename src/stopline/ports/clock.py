"""Clocks. Durations come from the boot clock, which no one can step; instants from the wall clock."""

from typing import Protocol

from stopline.model.numbers import Nanos


class WallClock(Protocol):
    """Nanoseconds since the Unix epoch, as the machine believes; may step."""

    def now(self) -> Nanos:
        """Return the instant."""


class BootClock(Protocol):
    """Nanoseconds since some fixed instant of this boot; counts suspend, never steps."""

    def elapsed(self) -> Nanos:
        """Return the elapsed time."""

    def boot_id(self) -> str:
        """Return an id of this boot, or an empty string where the system has none."""


class EngineClock(Protocol):
    """Engine time: wall anchor plus boot-clock elapsed, or a recorded file's time; never backwards."""

    name: str
    """`wall`, or `recorded:<file>`."""

    def at(self) -> Nanos:
        """Return engine time now."""

    async def sleep_until(self, due: Nanos) -> None:
        """Return when engine time has reached `due`."""
