"""The machine's two clocks: the one that somebody sets, and the one that nobody can."""

from stopline.model.numbers import Nanos
from stopline.sim.world.timeline import Timeline


class WorldWallClock:
    """The machine's idea of the time; `offset` is by how much it is wrong."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self.offset: Nanos = 0

    def now(self) -> Nanos:
        """Return the instant."""
        return self._timeline.now + self.offset


class WorldBootClock:
    """Time since the machine's boot."""

    def __init__(self, timeline: Timeline, boot: int) -> None:
        self._timeline, self._boot, self._began_at = timeline, boot, timeline.now

    def elapsed(self) -> Nanos:
        """Return the elapsed time."""
        return self._timeline.now - self._began_at

    def boot_id(self) -> str:
        """Return an id of this boot."""
        return f"boot-{self._boot}"
