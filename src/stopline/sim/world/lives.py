"""The lives of the processes of a world: one at a time on one disk, born, killed, cut off from power, born again."""

from collections import deque
from typing import Final

from stopline.config.settings import Settings
from stopline.model.instrument import Instrument
from stopline.model.numbers import SECOND, Nanos
from stopline.sim.world.chance import Chance
from stopline.sim.world.clocks import WorldBootClock, WorldWallClock
from stopline.sim.world.disk import Disk
from stopline.sim.world.plan import BEGINS_AT, DAY, HOUR, MINUTE
from stopline.sim.world.process import Process
from stopline.sim.world.reach import Reach
from stopline.sim.world.side import Side
from stopline.sim.world.system import Ground
from stopline.sim.world.timeline import Timeline

RESTART_AFTER: Final[Nanos] = 3 * SECOND
STORY: Final = 400


class Lives:
    """What outlives a process, and the process that lives."""

    disk: Disk
    side: Side
    instruments: tuple[Instrument, ...]
    settings: Settings

    def __init__(self, timeline: Timeline, chance: Chance, reach: Reach) -> None:
        self.timeline, self.chance, self.reach = timeline, chance, reach
        self.wall = WorldWallClock(timeline)
        self._boots = 1
        self.boot = WorldBootClock(timeline, self._boots)
        self.process: Process | None = None
        self.story: deque[str] = deque(maxlen=STORY)
        self.restarts = 0
        self._fault: BaseException | None = None
        self._kill_after = self._kill_starts = self._kill_start_after = 0
        self._cuts_power = False
        self.starts_are_blocked = False

    def on_ended(self) -> None:
        """Hear that a process has ended, however."""

    def quote_all(self) -> None:
        """Let all instruments be quoted."""

    def tell(self, text: str) -> None:
        """Add a line to the story."""
        at = self.timeline.now - BEGINS_AT
        day, rest = divmod(at, DAY)
        clock = f"{rest // HOUR:02}:{rest // MINUTE % 60:02}:{rest // SECOND % 60:02}.{rest // 10**6 % 1000:03}"
        self.story.append(f"day {day} {clock}  {text}")

    def start_process(self) -> None:
        """Start a process, if none runs."""
        if (self.process is not None and self.process.is_alive) or self.starts_are_blocked:
            return
        ground = Ground(self.disk, self.wall, self.boot, self.instruments, self.side.brokers(), lambda: ("", ""))
        self.process = Process(self.timeline, self.settings, ground, self._on_open, self._on_end, self.on_fault)
        self.tell("a process starts")
        if self._kill_starts:
            self._kill_starts -= 1
            self.kill_after(self._kill_start_after)
        self.process.begin()

    def _on_open(self, process: Process) -> None:
        assert process.system is not None
        self.tell(f"it decides, from record {process.system.loop.state.seq} on")
        self.reach.note("process opened")
        self.quote_all()

    def _on_end(self, process: Process, how: str) -> None:
        """Hear that a process ended by itself."""
        self.tell(f"the process ends: {how}")
        self.reach.note(f"process ended: {how.partition(':')[0]}")
        self._after_end(power_is_cut=False)

    def end_process(self, *, power_is_cut: bool = False) -> None:
        """Kill it, or cut the power under it."""
        process = self.process
        if process is None or not process.is_alive:
            return
        process.kill()
        self.tell("the power is cut" if power_is_cut else "the process is killed")
        self.reach.note("process ended: power" if power_is_cut else "process ended: killed")
        self._after_end(power_is_cut=power_is_cut)

    def _after_end(self, *, power_is_cut: bool) -> None:
        fate = self.disk.end_process(power_is_cut=power_is_cut)
        self.reach.note(f"batch under way at the end: {fate}")
        self.side.wire.cut(0)
        self.on_ended()
        if power_is_cut:
            self._boots += 1
            self.boot = WorldBootClock(self.timeline, self._boots)
        self.restarts += 1
        self.timeline.call_after(RESTART_AFTER + self.chance.below(20) * SECOND, self.start_process)

    def on_fault(self, error: BaseException) -> None:
        """Keep what nobody caught, until the next look."""
        self._fault = self._fault or error

    def kill_after(self, steps: int, *, power_is_cut: bool = False) -> None:
        """Kill the process after so many more events."""
        self._kill_after, self._cuts_power = steps, power_is_cut

    def kill_starts(self, times: int, steps: int) -> None:
        """Kill the next processes too, each so many events after it was born."""
        self._kill_starts, self._kill_start_after = times, steps

    def _kill_if_due(self) -> None:
        """Kill the process if so many events have passed."""
        if self._kill_after:
            self._kill_after -= 1
            if not self._kill_after:
                self.end_process(power_is_cut=self._cuts_power)

    def calm_kills(self) -> None:
        """Kill nothing any more."""
        self._kill_after = self._kill_starts = 0
