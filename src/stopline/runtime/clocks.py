"""Engine time: where `at` comes from, and why it never runs backwards.

A live system anchors engine time at the wall clock once, at start, and moves it by the
boot clock from then on: nobody who sets the machine's clock moves a lockout. A recorded
market brings its own time.

Source     architecture.md promise 8; reliability.md F30, F33; semantics.md section 12 (market files).
"""

import asyncio
import time

from stopline.model.instants import render_instant
from stopline.model.numbers import SECOND, Nanos
from stopline.ports.clock import BootClock, WallClock

STEP: Nanos = 2 * SECOND
"""A wall clock that moved by more than this against the boot clock was stepped."""
FORGIVEN: Nanos = 60 * SECOND
"""How far the wall clock may stand behind the journal at start: engine time then waits for it."""
LONGEST_NAP_S = 1.0
"""Sleeps are cut into naps: the event loop's own timer may not count a suspended machine."""


class TimeRunsBackwards(Exception):
    """The data directory has seen a later instant than the clock shows."""


class SystemWallClock:
    """The machine's own idea of the time."""

    def now(self) -> Nanos:
        """Return nanoseconds since 1970."""
        return time.time_ns()


class LiveClock:
    """Wall anchor plus boot-clock elapsed, and never before `not_before` (the journal's last instant).

    A process that starts again while the machine runs on goes on with the `boot_offset` of the one
    before it, whatever the wall clock says now; what it was known to be away by is `drift`.
    """

    name = "wall"

    def __init__(
        self,
        wall: WallClock,
        boot: BootClock,
        not_before: Nanos = 0,
        boot_offset: Nanos = 0,
        drift: Nanos = 0,
        longest_nap_s: float = LONGEST_NAP_S,
    ) -> None:
        self._wall, self._boot, self._longest_nap_s = wall, boot, longest_nap_s
        if boot_offset:
            self._offset = max(boot_offset, not_before - boot.elapsed())
            self._wall_offset = boot_offset + drift
            return
        now = wall.now()
        if now < not_before - FORGIVEN:
            raise TimeRunsBackwards(
                f"the journal ends at {render_instant(not_before)}, but this machine's clock says "
                f"{render_instant(now)}: set the clock right, or use another data directory"
            )
        self._offset = max(now, not_before) - boot.elapsed()
        self._wall_offset = now - boot.elapsed()

    @property
    def boot_offset(self) -> Nanos:
        """Engine time when the boot clock showed nothing."""
        return self._offset

    def at(self) -> Nanos:
        """Return engine time now."""
        return self._offset + self._boot.elapsed()

    async def sleep_until(self, due: Nanos) -> None:
        """Return when engine time has reached `due`."""
        while (left := due - self.at()) > 0:  # noqa: ASYNC110 - time passes; no event says so
            await asyncio.sleep(min(left / SECOND, self._longest_nap_s))

    def find_step(self) -> Nanos:
        """Return by how much the wall clock was stepped since the last look; 0 while it keeps pace."""
        offset = self._wall.now() - self._boot.elapsed()
        moved = offset - self._wall_offset
        if abs(moved) <= STEP:
            return 0
        self._wall_offset = offset
        return moved


class RecordedClock:
    """A file's time. It begins at the first quote (or where the journal ends) and moves `speed` times as fast as ours.

    At speed 0 it stands still until `advance_to` moves it, quote by quote.
    """

    def __init__(self, name: str, starts_at: Nanos, speed: int, boot: BootClock, not_before: Nanos = 0) -> None:
        self.name = name
        self.speed = speed
        self._boot = boot
        self._anchor = self._latest = max(starts_at, not_before)
        self._anchored_at = boot.elapsed()
        self._moved = asyncio.Event()

    def at(self) -> Nanos:
        """Return engine time now."""
        if self.speed:
            flowed = self._anchor + (self._boot.elapsed() - self._anchored_at) * self.speed
            self._latest = max(self._latest, flowed)
        return self._latest

    def advance_to(self, at: Nanos) -> None:
        """Move to `at`, unless it is past already: a quote of the file is never in our future."""
        if at > self.at():
            self._anchor = self._latest = at
            self._anchored_at = self._boot.elapsed()
            moved, self._moved = self._moved, asyncio.Event()
            moved.set()

    def run_on(self) -> None:
        """Let time flow on by itself after the file's last quote: windows and timers must still end."""
        self._anchor, self._anchored_at = self.at(), self._boot.elapsed()
        self.speed = self.speed or 1
        self._moved.set()

    async def sleep_until(self, due: Nanos) -> None:
        """Return when engine time has reached `due`."""
        while (left := due - self.at()) > 0:
            if self.speed:
                await asyncio.sleep(min(left / SECOND / self.speed, LONGEST_NAP_S))
            else:
                await self._moved.wait()


def refuse_backwards(clock_name: str, begins_at: Nanos, journal_at: Nanos, journal_clock: str) -> None:
    """Raise TimeRunsBackwards when a recording would take a data directory into its own past.

    The same recording goes on where it stopped; another one must begin later.
    """
    if clock_name != journal_clock and begins_at < journal_at:
        raise TimeRunsBackwards(
            f"this data directory has come to {render_instant(journal_at)} (clock {journal_clock or 'wall'}), "
            f"but {clock_name} begins at {render_instant(begins_at)} and time would run backwards: "
            f"use another data directory for it"
        )
